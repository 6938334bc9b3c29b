//! One entry of the rail.

use crate::ui::Glyph;
use leptos::prelude::*;

/// A place one can go to.
#[derive(Clone)]
pub struct Place {
    pub label: String,
    pub href: String,
    pub glyph: Glyph,
    pub count: Option<Signal<u64>>,
    pub exact: bool,
}

impl Place {
    pub fn new(label: impl Into<String>, href: impl Into<String>, glyph: Glyph) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            glyph,
            count: None,
            exact: false,
        }
    }

    /// How much waits there. Zero shows nothing.
    pub fn count(mut self, count: impl Into<Signal<u64>>) -> Self {
        self.count = Some(count.into());
        self
    }

    /// Current only on this very path, not below it.
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Whether `path` is here or below here.
    pub fn holds(&self, path: &str) -> bool {
        let here = self.href.trim_end_matches('/');
        let path = path.trim_end_matches('/');
        match path.strip_prefix(here) {
            Some("") => true,
            Some(rest) => !self.exact && !here.is_empty() && rest.starts_with('/'),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Glyph, Place};

    #[test]
    fn a_place_holds_what_is_below_it_and_nothing_beside_it() {
        let courses = Place::new("Courses", "/courses", Glyph::Book);
        assert!(courses.holds("/courses"));
        assert!(courses.holds("/courses/"));
        assert!(courses.holds("/courses/7/students"));
        assert!(!courses.holds("/courses-old"));
        assert!(!courses.holds("/"));
        let home = Place::new("Home", "/", Glyph::Home);
        assert!(home.holds("/"));
        assert!(!home.holds("/courses"));
        assert!(!courses.exact().holds("/courses/7"));
    }
}
