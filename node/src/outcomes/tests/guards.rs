//! Silence that is never progress: one literal family for each guard.
