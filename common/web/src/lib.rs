//! What both programs' doors share: layout, stylesheet, charts, sign-in, problems, TLS.

pub mod charts;
pub mod layout;
pub mod stylesheet;
pub mod table;
pub mod tls;
pub mod words;
