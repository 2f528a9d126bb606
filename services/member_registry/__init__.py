"""Who the members are, who may act for them, and whose signature counts."""
