//! The head of every page of the administration.

use crate::ui::{Crumb, PageHeader, Tab, Tabs};
use leptos::children::ViewFnOnce;
use leptos::prelude::*;

/// A place within the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Overview,
    Users,
    System,
    Models,
    Mail,
    Maintenance,
    Audit,
    Settings,
}

impl Place {
    const ALL: [Place; 8] = [
        Place::Overview,
        Place::Users,
        Place::System,
        Place::Models,
        Place::Mail,
        Place::Maintenance,
        Place::Audit,
        Place::Settings,
    ];

    fn name(self) -> &'static str {
        match self {
            Place::Overview => "Overview",
            Place::Users => "Users",
            Place::System => "System",
            Place::Models => "Models",
            Place::Mail => "Mail",
            Place::Maintenance => "Maintenance",
            Place::Audit => "Audit log",
            Place::Settings => "Settings",
        }
    }

    fn href(self) -> &'static str {
        match self {
            Place::Overview => "/admin",
            Place::Users => "/admin/users",
            Place::System => "/admin/system",
            Place::Models => "/admin/models",
            Place::Mail => "/admin/mail",
            Place::Maintenance => "/admin/maintenance",
            Place::Audit => "/admin/audit",
            Place::Settings => "/admin/settings",
        }
    }
}

/// Title, way here, and the places of the administration.
#[component]
pub fn AdminHead(
    place: Place,
    /// A page below the place: its title.
    #[prop(optional, into)]
    below: Option<String>,
    #[prop(optional, into)] lead: String,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
) -> impl IntoView {
    let title = match (&below, place) {
        (Some(below), _) => below.clone(),
        (None, Place::Overview) => "Administration".to_owned(),
        (None, place) => place.name().to_owned(),
    };
    let mut trail = vec![];
    if place != Place::Overview {
        trail.push(Crumb::new("Administration", "/admin"));
    }
    if below.is_some() {
        trail.push(Crumb::new(place.name(), place.href()));
    }
    trail.push(Crumb::here(title.clone()));
    let tabs: Vec<Tab> = Place::ALL
        .into_iter()
        .map(|each| Tab::new(each.name(), each.href()).current(each == place))
        .collect();
    view! {
        <leptos_meta::Title text=title.clone()/>
        <PageHeader title lead trail actions=move || actions.map(|actions| actions.run())/>
        <Tabs label="Administration" items=tabs/>
    }
}
