//! The frame round every page: name, place, rehearsal banner, navigation, who is signed in.
//!
//! A page's template extends `layout.html` and carries a [`Frame`] in a field named `frame`; it fills the
//! blocks `title` and `content`, and may fill `footer`.

use crate::stylesheet;

/// What stands round a page's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The program's name as readers know it.
    pub service: String,
    /// The borough or region it speaks for.
    pub place: String,
    /// Whether it obeys a clock moved by hand; every page then says so.
    pub rehearsal: bool,
    /// Who is signed in, if anybody is.
    pub signed_in: Option<SignedInAs>,
    /// The main navigation; empty on pages that need no sign-in.
    pub nav: Vec<NavItem>,
}

/// The person signed in, as the masthead shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedInAs {
    /// The person's name.
    pub name: String,
    /// The person's role in words.
    pub role: String,
    /// The token that every form of this session carries in a hidden field named `csrf`.
    pub csrf: String,
}

/// One entry of the main navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub label: String,
    /// Whether the page shown belongs to it.
    pub current: bool,
}

impl Frame {
    /// A frame for somebody who is not signed in, without navigation.
    pub fn new(service: impl Into<String>, place: impl Into<String>, rehearsal: bool) -> Self {
        Self { service: service.into(), place: place.into(), rehearsal, signed_in: None, nav: Vec::new() }
    }

    /// The same frame with a person signed in.
    pub fn for_person(self, person: SignedInAs) -> Self {
        Self { signed_in: Some(person), ..self }
    }

    /// The same frame with navigation: pairs of address and label, of which the longest address that leads to
    /// `path` is the current one.
    pub fn with_nav(self, items: &[(&str, &str)], path: &str) -> Self {
        let current = items
            .iter()
            .map(|&(href, _)| href)
            .filter(|href| leads_to(href, path))
            .max_by_key(|href| href.len());
        let nav = items
            .iter()
            .map(|&(href, label)| NavItem {
                href: href.to_owned(),
                label: label.to_owned(),
                current: current == Some(href),
            })
            .collect();
        Self { nav, ..self }
    }

    /// The address of the stylesheet, which changes whenever the stylesheet does.
    pub fn stylesheet(&self) -> &'static str {
        stylesheet::href()
    }

    /// The token for a form's hidden field `csrf`; empty where nobody is signed in.
    pub fn csrf(&self) -> &str {
        self.signed_in.as_ref().map_or("", |person| &person.csrf)
    }
}

fn leads_to(href: &str, path: &str) -> bool {
    match path.strip_prefix(href) {
        Some("") => true,
        Some(rest) => href != "/" && rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAV: &[(&str, &str)] = &[("/", "Overview"), ("/loads/new", "Load"), ("/releases", "Releases")];

    #[test]
    fn the_current_page_is_marked_once() {
        for (path, expected) in [
            ("/", vec!["/"]),
            ("/releases", vec!["/releases"]),
            ("/releases/2015-Q2", vec!["/releases"]),
            ("/releasesque", vec![]),
            ("/loads/7", vec![]),
        ] {
            let frame = Frame::new("Tenfold", "Bolton", false).with_nav(NAV, path);
            let current: Vec<&str> =
                frame.nav.iter().filter(|item| item.current).map(|item| item.href.as_str()).collect();
            assert_eq!(current, expected, "{path}");
        }
    }
}
