//! Literal tables for the other frameworks, and for a plan over one.
