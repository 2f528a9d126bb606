"""Where the real part of the demonstration comes from: one module a source, each turning it into plain records."""
