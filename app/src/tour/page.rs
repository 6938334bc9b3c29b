//! `/tour`: the tours there are for whoever looks.

use super::api::my_tours;
use super::model::Tour;
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn TourPage() -> impl IntoView {
    let tours = Resource::new_blocking(|| (), |()| my_tours());
    view! {
        <Title text="A tour" />
        <PageHeader title="A tour" lead="A strip at the top of each page says what is to be seen, and leads on. Nothing is changed on the way." />
        {loaded(tours, |tours: Vec<Tour>| view! { <div class="stack stack-loose">{tours.into_iter().map(overview).collect_view()}</div> })}
    }
}

fn overview(tour: Tour) -> impl IntoView {
    let start = tour.address(1).unwrap_or_default();
    let title = tour.guest.title();
    let stops = tour
        .stops
        .into_iter()
        .map(|stop| view! { <li><strong>{stop.title}</strong> " " <span class="muted">{stop.words}</span></li> });
    view! {
        <Panel title>
            <ol class="tour-stops">{stops.collect_view()}</ol>
            <FormActions>
                <LinkButton href=start variant=Variant::Primary icon=Glyph::ArrowRight label=format!("Begin the tour: {}", title.to_lowercase())>"Begin"</LinkButton>
            </FormActions>
        </Panel>
    }
}
