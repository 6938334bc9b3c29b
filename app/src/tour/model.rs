//! What a tour is.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Whom a tour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guest {
    Student,
    Teacher,
    Administrator,
}

impl Guest {
    const ALL: [Guest; 3] = [Guest::Student, Guest::Teacher, Guest::Administrator];

    fn name(self) -> &'static str {
        match self {
            Guest::Student => "student",
            Guest::Teacher => "teacher",
            Guest::Administrator => "administrator",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Guest::Student => "For students",
            Guest::Teacher => "For teachers and assistants",
            Guest::Administrator => "For administrators",
        }
    }
}

/// A page, and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub title: String,
    pub words: String,
    /// None while there is no such page for this person yet.
    pub path: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tour {
    pub guest: Guest,
    /// At least one.
    pub stops: Vec<Stop>,
}

impl Tour {
    /// The address of a stop with the place on the tour; `stop` counts from 1. Stops without a page are described on the page of tours.
    pub fn address(&self, stop: usize) -> Option<String> {
        let path = &self.stops.get(stop.checked_sub(1)?)?.path;
        let place = Place {
            guest: self.guest,
            stop,
        };
        Some(format!("{}?tour={place}", path.as_deref().unwrap_or("/tour")))
    }
}

/// Where somebody is on a tour; `stop` counts from 1. In addresses `teacher-2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub guest: Guest,
    pub stop: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.guest.name(), self.stop)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, stop) = text.split_once('-').ok_or(())?;
        let guest = Guest::ALL.into_iter().find(|guest| guest.name() == name).ok_or(())?;
        match stop.parse() {
            Ok(stop) if stop > 0 => Ok(Place { guest, stop }),
            _ => Err(()),
        }
    }
}
