//! What both programs' doors share: layout, stylesheet, charts, sign-in, problems, TLS.

pub mod accounts;
pub mod charts;
pub mod layout;
pub mod program;
pub mod settings;
pub mod stylesheet;
pub mod table;
pub mod tls;
pub mod words;
