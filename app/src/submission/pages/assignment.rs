//! The page of an assignment: what it is, what it costs to be late, and the one thing to do next.

use super::id_in_path;
use crate::assignment::model::Phase;
use crate::assignment::view::StaffOverview;
use crate::assignment::widgets::PhaseBadge;
use crate::error::AppError;
use crate::ids::AssignmentId;
use crate::shell::{FormError, loaded};
use crate::submission::api::{StartAssignment, view_assignment};
use crate::submission::model::{AssignmentView, Overview, Preview, Standing};
use crate::submission::widgets::points;
use crate::submission::words;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn AssignmentPage() -> impl IntoView {
    let id = id_in_path::<AssignmentId>("assignment", "The assignment");
    let page = Resource::new_blocking(id, |id| async move { view_assignment(id?).await });
    let start = ServerAction::<StartAssignment>::new();
    view! {
        {loaded(page, move |page| match page {
            AssignmentView::Student(overview) => view! { <ForStudent overview start/> }.into_any(),
            AssignmentView::Staff { overview, numbers, may_edit } => view! { <ForStaff overview numbers may_edit/> }.into_any(),
        })}
    }
}

#[component]
fn Head(overview: Overview, #[prop(optional, into)] lead: Option<String>) -> impl IntoView {
    let place = overview.place;
    let trail = vec![
        Crumb::new(place.course_title.clone(), format!("/courses/{}", place.course)),
        Crumb::here(place.title.clone()),
    ];
    let phase = overview.terms.phase;
    let lead = lead.unwrap_or_else(|| place.course_code.clone());
    view! {
        <Title text=place.title.clone()/>
        <PageHeader title=place.title lead trail=Signal::stored(trail) badge=move || view! { <PhaseBadge phase/> }/>
    }
}

#[component]
fn ForStudent(overview: Overview, start: ServerAction<StartAssignment>) -> impl IntoView {
    let error = Signal::derive(move || start.value().get().and_then(Result::err));
    let pressing = words::pressing(&overview.terms).filter(|_| {
        overview
            .standing
            .as_ref()
            .is_none_or(|standing| standing.submitted.is_none())
    });
    let tone = if overview.terms.phase == Phase::Closed {
        Tone::Neutral
    } else {
        Tone::Late
    };
    view! {
        <Head overview=overview.clone()/>
        <div class="split">
            <div class="stack">
                {pressing.map(|words| view! { <Notice tone icon=Glyph::Clock>{words}</Notice> })}
                <FormError error/>
                <Next overview=overview.clone() start error/>
                <Instructions text=overview.instructions.clone()/>
            </div>
            <div class="stack">
                <Dates overview=overview.clone()/>
                <Questions questions=overview.questions/>
            </div>
        </div>
    }
}

/// Start, continue, or what became of it.
#[component]
fn Next(overview: Overview, start: ServerAction<StartAssignment>, error: Signal<Option<AppError>>) -> impl IntoView {
    let assignment = overview.place.assignment;
    let count = overview.questions.len() as u32;
    let taken = matches!(overview.terms.phase, Phase::Open | Phase::Late);
    match overview.standing {
        None if taken => view! {
            <Panel title="Ready when you are">
                <p>{format!("{}, {} in all. Your answers are saved as you type; you can stop and come back until you submit.", questions(count), points(overview.points))}</p>
                <ActionForm action=start>
                    <input type="hidden" name="assignment" value=assignment.to_string()/>
                    <Button variant=Variant::Primary icon=Glyph::Pen busy=Signal::derive(move || start.pending().get() && error.with(Option::is_none))>"Start"</Button>
                </ActionForm>
            </Panel>
        }
        .into_any(),
        None => view! { <Empty title="You did not answer this assignment" icon=Glyph::Lock>"It takes no more answers. Ask your teacher if you need more time."</Empty> }.into_any(),
        Some(Standing { submission, submitted: Some(at), late_percent, .. }) => {
            let late = (late_percent > 0).then(|| view! { <p><Badge tone=Tone::Late>{format!("Late: {late_percent} % less")}</Badge></p> });
            let result = overview.published.then(|| {
                view! { <LinkButton href=format!("/submissions/{submission}/result") variant=Variant::Primary icon=Glyph::Star>"See your result"</LinkButton> }
            });
            let waiting = (!overview.published).then(|| view! { <p>"Your teacher looks through the grades and then publishes them."</p> });
            view! {
                <Panel title="Submitted" tone=Tone::Right>
                    <p>{format!("You submitted your answers on {} ({}).", at.date_time(), at.zone())}</p>
                    {late} {waiting}
                    <p class="row">
                        {result}
                        <LinkButton href=format!("/submissions/{submission}/receipt") icon=Glyph::Receipt>"Receipt"</LinkButton>
                        <LinkButton href=format!("/assignments/{assignment}/answer") variant=Variant::Quiet icon=Glyph::Eye>"Read your answers"</LinkButton>
                    </p>
                </Panel>
            }
            .into_any()
        }
        Some(Standing { answered, .. }) if taken => view! {
            <Panel title="In progress">
                <Progress label="Answered" value=Signal::stored(f64::from(answered)) max=f64::from(count.max(1)) note=words::progress(answered, count)/>
                <p class="row">
                    <LinkButton href=format!("/assignments/{assignment}/answer") variant=Variant::Primary icon=Glyph::Pen>"Continue"</LinkButton>
                    <LinkButton href=format!("/assignments/{assignment}/answer?step=review") variant=Variant::Quiet>"Review and submit"</LinkButton>
                </p>
            </Panel>
        }
        .into_any(),
        Some(Standing { answered, .. }) => view! {
            <Panel title="Not submitted" tone=Tone::Late>
                <p>{format!("You wrote something ({}), but it was not submitted before the end. Your answers are kept.", words::progress(answered, count))}</p>
                <LinkButton href=format!("/assignments/{assignment}/answer") icon=Glyph::Eye>"Read your answers"</LinkButton>
            </Panel>
        }
        .into_any(),
    }
}

#[component]
fn Instructions(text: String) -> impl IntoView {
    (!text.trim().is_empty())
        .then(|| view! { <Panel title="Instructions"><div class="prompt prose">{text}</div></Panel> })
}

#[component]
fn Dates(overview: Overview) -> impl IntoView {
    let terms = overview.terms;
    let now = terms.now.at;
    let date = move |at: crate::time::Moment| view! { <Time at=at.rfc3339() text=format!("{} ({})", at.date_time(), at.zone()) full=at.relative(now)/> };
    let due = terms
        .due
        .map(|due| view! { <Fact label="Due">{date(due)}" "<span class="muted">{due.relative(now)}</span></Fact> });
    let ends = terms
        .ends
        .filter(|ends| Some(ends.at) != terms.due.map(|due| due.at))
        .map(|ends| view! { <Fact label="Closes">{date(ends)}</Fact> });
    view! {
        <Panel title="Dates">
            <Facts>
                {due} {ends}
                <Fact label="Late answers">{words::late_rule(&terms)}</Fact>
            </Facts>
        </Panel>
    }
}

#[component]
fn Questions(questions: Vec<Preview>) -> impl IntoView {
    let lines = questions
        .into_iter()
        .map(|question| {
            let criteria = question.rubric.into_iter().map(|(title, worth)| view! { <li>{title}" "<span class="muted num">"("{points(worth)}")"</span></li> }).collect_view();
            view! {
                <li class="preview">
                    <p class="row row-between">
                        <span>{format!("{}. {}", question.position, question.kind.label())}</span> <span class="muted small num">{points(question.points)}</span>
                    </p>
                    <ul class="small">{criteria}</ul>
                </li>
            }
        })
        .collect_view();
    view! { <Panel title="Questions and what counts"><ol class="previews">{lines}</ol></Panel> }
}

fn questions(count: u32) -> String {
    if count == 1 {
        "1 question".into()
    } else {
        format!("{count} questions")
    }
}

#[component]
fn ForStaff(overview: Overview, numbers: StaffOverview, may_edit: bool) -> impl IntoView {
    let id = overview.place.assignment;
    let course = overview.place.course;
    let graded = match numbers.held {
        0 => format!("{} in the queue", numbers.queued),
        held => format!("{held} wait for your start"),
    };
    let waiting = if numbers.waiting > 0 {
        Tone::Review
    } else {
        Tone::Neutral
    };
    let failed = (numbers.failed > 0).then(|| {
        view! { <Notice tone=Tone::Wrong icon=Glyph::Warning>{format!("{} answers could not be graded by the machine and wait for a human.", numbers.failed)}</Notice> }
    });
    let count = |n: u32| Signal::stored(u64::from(n));
    view! {
        <Head overview=overview.clone()/>
        <div class="stack">
            {failed}
            <div class="tiles">
                <Stat label="Submitted" value=count(numbers.submitted) note=format!("of {} students, {} started", numbers.students, numbers.started)/>
                <Stat label="Graded" value=count(numbers.graded) unit="answers" note=graded href=format!("/assignments/{id}/grading")/>
                <Stat label="Waiting for review" value=count(numbers.waiting) unit="answers" tone=Signal::stored(waiting) href=format!("/assignments/{id}/review")/>
                <Stat label="Reviewed" value=count(numbers.reviewed) unit="answers"/>
            </div>
            <p class="row">
                <LinkButton href=format!("/assignments/{id}/grading") variant=Variant::Primary icon=Glyph::Chart>"Watch the grading"</LinkButton>
                <LinkButton href=format!("/assignments/{id}/review") icon=Glyph::Eye>"Review"</LinkButton>
                {may_edit.then(|| view! { <LinkButton href=format!("/assignments/{id}/edit") icon=Glyph::Pen>"Edit"</LinkButton> })}
                <LinkButton href=format!("/courses/{course}/gradebook") variant=Variant::Quiet icon=Glyph::List>"Gradebook"</LinkButton>
            </p>
            <div class="split">
                <Instructions text=overview.instructions.clone()/>
                <div class="stack">
                    <Dates overview=overview.clone()/>
                    <Questions questions=overview.questions/>
                </div>
            </div>
        </div>
    }
}
