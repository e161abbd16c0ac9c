//! Which site this is: its name and place, whether it rehearses, and how its cookies are named.

use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite},
    http::StatusCode,
};
use askama::Template;

use crate::{Refusal, layout::Frame};

/// What every page and cookie of one running program has in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The program's name as readers know it.
    pub service: String,
    /// The borough or region it speaks for.
    pub place: String,
    /// Its GSS code; part of the cookies' names, because cookies know no port.
    pub code: String,
    /// Whether it obeys a clock moved by hand.
    pub rehearsal: bool,
    /// Whether browsers reach it by HTTPS; plain HTTP is for loopback only.
    pub https: bool,
}

impl Site {
    /// The frame of a page for nobody in particular.
    pub fn frame(&self) -> Frame {
        Frame::new(&self.service, &self.place, self.rehearsal)
    }

    /// The name of the session's cookie.
    pub fn session_cookie_name(&self) -> String {
        self.cookie_name("")
    }

    /// A cookie that lasts as long as the browser runs and that no script can read.
    pub(crate) fn cookie(&self, suffix: &str, value: String) -> Cookie<'static> {
        Cookie::build(self.cookie_name(suffix), value)
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Lax)
            .finish()
    }

    /// The name of a cookie; `__Host-` binds it to this host and to HTTPS.
    pub(crate) fn cookie_name(&self, suffix: &str) -> String {
        let prefix = if self.https { "__Host-" } else { "" };
        format!("{prefix}tenfold-{}{suffix}", self.code)
    }
}

/// A template that is a whole page.
pub trait Page: Template {
    /// The page as an answer.
    ///
    /// # Errors
    /// Where the template cannot be rendered.
    fn answer(&self) -> Result<HttpResponse, Refusal> {
        self.answer_as(StatusCode::OK)
    }

    /// The page as an answer with another status, such as a form that was refused.
    ///
    /// # Errors
    /// Where the template cannot be rendered.
    fn answer_as(&self, status: StatusCode) -> Result<HttpResponse, Refusal> {
        let html = self.render().map_err(Refusal::internal)?;
        Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
    }
}

impl<T: Template> Page for T {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_bound_to_host_or_code() {
        let mut site = Site {
            service: "Tenfold".into(),
            place: "Bolton".into(),
            code: "E08000001".into(),
            rehearsal: false,
            https: true,
        };
        assert_eq!(
            site.cookie("", "x".into()).to_string(),
            "__Host-tenfold-E08000001=x; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        site.https = false;
        assert_eq!(
            site.cookie("", "x".into()).to_string(),
            "tenfold-E08000001=x; HttpOnly; SameSite=Lax; Path=/"
        );
    }
}
