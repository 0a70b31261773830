"""A server that passes every check of its step. A broken server is this one, with one change."""
