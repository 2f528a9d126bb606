"""Clinical needs, who may meet them and why: from a posted need to a mutual match."""
