//! The strip above a page while a tour leads there.

use super::api::my_tours;
use super::model::{Place, Tour};
use crate::ui::*;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

/// Nothing, unless the address says that a tour is on.
#[component]
pub fn TourBar() -> impl IntoView {
    let query = use_query_map();
    let place = Memo::new(move |_| query.with(|query| query.get("tour")?.parse::<Place>().ok()));
    let tours = Resource::new_blocking(
        move || place.get().map(|place| place.guest),
        |guest| async move {
            match guest {
                Some(_) => my_tours().await.unwrap_or_default(),
                None => Vec::new(),
            }
        },
    );
    let path = use_location().pathname;
    view! {
        <div aria-live="polite">
        <Transition>
            {move || {
                let (place, path) = (place.get(), path.get());
                Suspend::new(async move {
                    let tours = tours.await;
                    let place = place?;
                    let tour = tours.into_iter().find(|tour| tour.guest == place.guest)?;
                    strip(&tour, place.stop, path)
                })
            }}
        </Transition>
        </div>
    }
}

/// `path`: the page without the tour.
fn strip(tour: &Tour, number: usize, path: String) -> Option<impl IntoView + use<>> {
    let stop = tour.stops.get(number.saturating_sub(1)).cloned()?;
    let back = tour.address(number.saturating_sub(1));
    let next = tour.address(number + 1);
    Some(view! {
        <section class="tour" aria-label="Tour">
            <p class="small muted num">{format!("{}: {number} of {}", tour.guest.title(), tour.stops.len())}</p>
            <p><strong>{stop.title}</strong> " " {stop.words}</p>
            <div class="row">
                {back.map(|href| view! { <LinkButton href size=Size::Small>"Back"</LinkButton> })}
                {match next {
                    Some(href) => view! { <LinkButton href size=Size::Small variant=Variant::Primary icon=Glyph::ArrowRight>"Next"</LinkButton> }.into_any(),
                    None => view! { <LinkButton href="/tour" size=Size::Small variant=Variant::Primary icon=Glyph::Check>"Finish"</LinkButton> }.into_any(),
                }}
                <a class="small" href=path>"End the tour"</a>
            </div>
        </section>
    })
}
