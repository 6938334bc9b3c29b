//! The live cockpit: how far, how fast, how sure, and what needs me.

use super::trail;
use crate::grade::api::{PublishGrades, UnpublishGrades, read_cockpit};
use crate::grade::live::{Link, watch};
use crate::grade::model::{BANDS, BINS, Cockpit, Progress, Publishing, QuestionProgress};
use crate::grade::widgets::{Happenings, Hold, Publish, QuestionRows};
use crate::ids::QuestionId;
use crate::shell::{changes, loaded};
use crate::ui::{
    Badge, Band, Bin, Choice, Empty, Glyph, Histogram, LinkButton, PageHeader, Panel, Part, Select, Stat, Strip, Tone,
    Variant,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// `/assignments/:assignment/grading`
#[component]
pub fn CockpitPage() -> impl IntoView {
    let params = use_params_map();
    let publish = ServerAction::<PublishGrades>::new();
    let unpublish = ServerAction::<UnpublishGrades>::new();
    let (published, hidden) = (changes(publish), changes(unpublish));
    let source = move || {
        (
            params.with(|params| params.get("assignment").unwrap_or_default()),
            published.get(),
            hidden.get(),
        )
    };
    let cockpit = Resource::new_blocking(source, |(assignment, ..)| read_cockpit(assignment));
    loaded(cockpit, move |cockpit| view! { <Watching cockpit publish unpublish/> })
}

#[component]
fn Watching(
    cockpit: Cockpit,
    publish: ServerAction<PublishGrades>,
    unpublish: ServerAction<UnpublishGrades>,
) -> impl IntoView {
    let Cockpit {
        assignment,
        title,
        course,
        course_title,
        progress,
        publishing,
        may_publish,
    } = cockpit;
    let progress = RwSignal::new(progress);
    let link = RwSignal::new(Link::Snapshot);
    Effect::new(move |_| watch(assignment, progress, link));
    let total = Memo::new(move |_| progress.with(|p| p.total(|row| row.queued + row.graded + row.failed)));
    let review = format!("/assignments/{assignment}/review");
    // What the server counted, with the figures that move taken from the live picture.
    let publishing = Memo::new(move |_| {
        progress.with(|p| Publishing {
            answers: total.get(),
            ungraded: p.total(|row| row.queued),
            waiting: p.total(|row| row.waiting),
            reviewed: p.total(|row| row.reviewed),
            ..publishing.clone()
        })
    });
    let crumbs = trail(course, &course_title, assignment, &title, "Grading");
    let review_link = review.clone();
    // One thing to do first: before anything waits for review, that is another.
    let emphasis = if progress.with_untracked(|p| p.total(|row| row.waiting)) > 0 {
        Variant::Primary
    } else {
        Variant::Secondary
    };
    view! {
        <Title text=format!("Grading: {title}")/>
        <PageHeader
            title=format!("Grading: {title}")
            trail=Signal::stored(crumbs)
            actions=move || {
                view! {
                    <Connection link/>
                    <LinkButton href=review_link.clone() variant=emphasis icon=Glyph::Eye>"Review answers"</LinkButton>
                    <LinkButton href=format!("/assignments/{assignment}/groups") icon=Glyph::List>"Answer groups"</LinkButton>
                    <LinkButton href=format!("/assignments/{assignment}/dial") icon=Glyph::Chart>"Risk dial"</LinkButton>
                    <LinkButton href=format!("/assignments/{assignment}/radar") icon=Glyph::Eye>"Consistency"</LinkButton>
                    <LinkButton href=format!("/courses/{course}/gradebook") icon=Glyph::List>"Gradebook"</LinkButton>
                }
            }
        />
        <Show
            when=move || total.get() != 0
            fallback=|| {
                view! {
                    <Empty title="No answers yet" icon=Glyph::Inbox>
                        "As soon as students submit, their answers are graded and appear here."
                    </Empty>
                }
            }
        >
            <div class="stack">
                <Hold assignment progress/>
                <Figures progress total review=review.clone()/>
                <div class="cockpit">
                    <Panel title="How the answers do"><Scores progress/></Panel>
                    <Panel title="Just now"><Happenings assignment progress/></Panel>
                </div>
                <Panel title="Questions" flush=true><QuestionRows assignment progress/></Panel>
                {may_publish.then(|| view! { <Panel title="Publish" id="publish"><Publish assignment publishing publish unpublish/></Panel> })}
            </div>
        </Show>
    }
}

/// How the connection is, in a word; without script it is a picture of a moment and says so.
#[component]
fn Connection(link: RwSignal<Link>) -> impl IntoView {
    let tone = Signal::derive(move || match link.get() {
        Link::Live => Tone::Right,
        Link::Reconnecting => Tone::Late,
        Link::Snapshot => Tone::Neutral,
    });
    view! {
        <span class="connection" role="status">
            <Badge tone>
                {move || match link.get() {
                    Link::Live => "Live",
                    Link::Reconnecting => "Reconnecting",
                    Link::Snapshot => "As of now",
                }}
            </Badge>
        </span>
    }
}

/// The figures that matter, ticking.
#[component]
fn Figures(progress: RwSignal<Progress>, total: Memo<u32>, review: String) -> impl IntoView {
    let sum =
        move |part: fn(&QuestionProgress) -> u32| Signal::derive(move || u64::from(progress.with(|p| p.total(part))));
    let queued = Memo::new(move |_| progress.with(|p| p.total(|row| row.queued)));
    let failed = Memo::new(move |_| progress.with(|p| p.total(|row| row.failed)));
    let waiting = Memo::new(move |_| progress.with(|p| p.total(|row| row.waiting)));
    let speed = Memo::new(move |_| progress.with(|p| p.per_second.round() as u64));
    let left = Memo::new(move |_| match (queued.get(), progress.with(|p| p.seconds_left)) {
        (0, _) => "Done".to_owned(),
        (_, Some(seconds)) => duration(seconds),
        (_, None) => "–".to_owned(),
    });
    let parts = Signal::derive(move || {
        progress.with(|p| {
            let (waiting, reviewed, queued) = (
                p.total(|row| row.waiting),
                p.total(|row| row.reviewed),
                p.total(|row| row.queued),
            );
            let accepted = p
                .total(|row| row.graded + row.failed)
                .saturating_sub(waiting + reviewed);
            vec![
                Part::new("Decided by a person", f64::from(reviewed), Tone::Human),
                Part::new("Accepted from the machine", f64::from(accepted), Tone::Machine),
                Part::new("Needs review", f64::from(waiting), Tone::Review),
                Part::new("Waiting for the grader", f64::from(queued), Tone::Neutral),
            ]
        })
    });
    let held = Memo::new(move |_| progress.with(|p| p.total(|row| row.held)));
    let said = Memo::new(move |_| match queued.get() {
        0 => "All answers are graded.",
        queued if queued == held.get() => "Answers wait for your start.",
        _ => "Answers are being graded.",
    });
    view! {
        <section class="stack stack-tight" aria-label="Progress">
            <div class="tiles">
                <Stat label="Graded" value=sum(|row| row.graded + row.failed) note=Signal::derive(move || format!("of {} answers", total.get())) tone=Tone::Machine/>
                <Stat label="Answers a second" value=speed note="over the last seconds"/>
                <div class="stat tone-neutral">
                    <span class="stat-label">"Time left"</span>
                    <span class="stat-value"><span class="count">{move || left.get()}</span></span>
                    <span class="stat-note">{move || format!("{} waiting", queued.get())}</span>
                </div>
                <Stat
                    label="Needs review"
                    value=Signal::derive(move || u64::from(waiting.get()))
                    note=Signal::derive(move || match failed.get() {
                        0 => "least certain first".to_owned(),
                        failed => format!("{failed} of them not gradable"),
                    })
                    tone=Signal::derive(move || if waiting.get() == 0 { Tone::Neutral } else { Tone::Review })
                    href=review
                />
                <Stat label="Decided" value=sum(|row| row.reviewed) note="by a person" tone=Tone::Human/>
            </div>
            <Strip title="Where the answers stand" parts unit="answers"/>
            <p class="visually-hidden" role="status">{move || said.get()}</p>
        </section>
    }
}

/// The histogram of all questions or of one.
#[component]
fn Scores(progress: RwSignal<Progress>) -> impl IntoView {
    let chosen = RwSignal::new(None::<QuestionId>);
    let choices = progress.with_untracked(|p| {
        let one = |row: &QuestionProgress| {
            Choice::new(
                row.question.to_string(),
                format!("Question {}: {}", row.position, row.prompt),
            )
        };
        [Choice::new("", "All questions")]
            .into_iter()
            .chain(p.questions.iter().map(one))
            .collect::<Vec<_>>()
    });
    let bins = Memo::new(move |_| progress.with(|p| sum_bins(p, chosen.get())));
    let tones = [Tone::Machine, Tone::Neutral, Tone::Review];
    let bands: Vec<Band> = BANDS
        .iter()
        .zip(tones)
        .map(|((name, _), tone)| Band::new(*name, tone))
        .collect();
    view! {
        <div class="stack stack-tight">
            <Histogram title="Share of the points" x="share of the points, from %" y="answers" bands bins=bins/>
            <div class="needs-script">
                <Select
                    name="of"
                    label="Show"
                    options=choices
                    value=Signal::derive(move || chosen.get().map(|id| id.to_string()).unwrap_or_default())
                    on_change=move |value: String| chosen.set(value.parse().ok())
                />
            </div>
        </div>
    }
}

fn sum_bins(progress: &Progress, only: Option<QuestionId>) -> Vec<Bin> {
    let rows: Vec<&QuestionProgress> = progress
        .questions
        .iter()
        .filter(|row| only.is_none_or(|id| row.question == id))
        .collect();
    let count = |bin: usize, band: usize| rows.iter().filter_map(|row| row.bins.get(bin)?.get(band)).sum();
    (0..BINS)
        .map(|bin| {
            Bin::new(
                (bin * 10).to_string(),
                (0..BANDS.len()).map(|band| count(bin, band)).collect(),
            )
        })
        .collect()
}

/// `45 s`, `3 min`, `2 h`: as exact as an estimate deserves.
fn duration(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::points::Points;

    #[test]
    fn estimates_are_rounded_up() {
        assert_eq!(duration(45), "45 s");
        assert_eq!(duration(91), "2 min");
        assert_eq!(duration(5401), "2 h");
    }

    #[test]
    fn bins_of_questions_add_up() {
        let row = |n: u128, bin: usize, band: usize| {
            let mut bins = vec![vec![0; BANDS.len()]; BINS];
            bins[bin][band] = 2;
            QuestionProgress {
                question: QuestionId(uuid::Uuid::from_u128(n)),
                position: 1,
                prompt: String::new(),
                points: Points(100),
                held: 0,
                queued: 0,
                graded: 2,
                failed: 0,
                waiting: 0,
                accepted: 2,
                reviewed: 0,
                sample: 0,
                learnt: None,
                bins,
            }
        };
        let progress = Progress {
            questions: vec![row(1, 9, 0), row(2, 9, 0), row(3, 0, 2)],
            ..Progress::default()
        };
        assert_eq!(sum_bins(&progress, None)[9].counts, [4, 0, 0]);
        assert_eq!(sum_bins(&progress, None)[0].counts, [0, 0, 2]);
        assert_eq!(
            sum_bins(&progress, Some(QuestionId(uuid::Uuid::from_u128(3))))[9].counts,
            [0, 0, 0]
        );
    }
}
