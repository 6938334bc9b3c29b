//! A result: the score first, then why, question by question, in three voices.

use super::trail;
use crate::grade::api::read_result;
use crate::grade::model::{
    BINS, Distribution, Human, Machine, QuestionResult, ResultSheet, bin_label, goes_with, percent,
};
use crate::grade::widgets::{Answer, Suggestion};
use crate::points::Points;
use crate::shell::loaded;
use crate::ui::{
    Badge, Band, Bin, Fact, Facts, Glyph, Histogram, LinkButton, Notice, PageHeader, Panel, TeacherVoice, Time, Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// `/submissions/:submission/result`
#[component]
pub fn ResultPage() -> impl IntoView {
    let params = use_params_map();
    let result = Resource::new_blocking(
        move || params.with(|params| params.get("submission").unwrap_or_default()),
        read_result,
    );
    loaded(result, |sheet| view! { <Sheet sheet/> })
}

#[component]
fn Sheet(sheet: ResultSheet) -> impl IntoView {
    let crumbs = trail(
        sheet.course,
        &sheet.course_title,
        sheet.assignment,
        &sheet.title,
        "Result",
    );
    let receipt = format!("/submissions/{}/receipt", sheet.submission);
    let gradebook = format!("/courses/{}/gradebook", sheet.course);
    let for_staff = sheet.for_staff;
    let assignment = sheet.assignment;
    let lead = if for_staff {
        sheet.student.clone()
    } else {
        sheet.course_title.clone()
    };
    let open = sheet.open_questions();
    let hidden = for_staff && sheet.published_at.is_none();
    let questions = sheet.questions.clone();
    view! {
        <Title text=format!("Result: {}", sheet.title)/>
        <PageHeader
            title=format!("Result: {}", sheet.title)
            lead
            trail=Signal::stored(crumbs)
            actions=move || {
                if for_staff {
                    view! { <LinkButton href=gradebook icon=Glyph::List>"Gradebook"</LinkButton> }.into_any()
                } else {
                    view! { <LinkButton href=receipt icon=Glyph::Receipt>"Receipt"</LinkButton> }.into_any()
                }
            }
        />
        <div class="stack result">
            {hidden
                .then(|| {
                    view! {
                        <Notice tone=Tone::Review icon=Glyph::Lock title="Not published yet">
                            "Only teachers and assistants see this. The points may still change."
                        </Notice>
                    }
                })}
            <Score sheet=sheet.clone() open/>
            {questions.into_iter().map(|question| view! { <Question question for_staff assignment/> }).collect_view()}
            {sheet.distribution.map(|class| view! { <Class class for_staff/> })}
        </div>
    }
}

/// The total, large, and what it is made of.
#[component]
fn Score(sheet: ResultSheet, open: usize) -> impl IntoView {
    let late = sheet.late_words();
    let share = percent(sheet.total, sheet.of).map(|percent| format!("{percent} %"));
    let name = sheet.student.clone();
    view! {
        <section class="score" aria-label="Score">
            <p class="score-total">
                <strong>{sheet.total.to_string()}</strong>
                <span>{format!(" of {} points", sheet.of)}</span>
                {share.map(|share| view! { <span class="score-share">{share}</span> })}
            </p>
            {late.map(|words| view! { <p class="score-late tone-late"><Badge tone=Tone::Late>"Late"</Badge>" "{words}</p> })}
            {(open > 0)
                .then(|| {
                    let words = if open == 1 { "1 question is".to_owned() } else { format!("{open} questions are") };
                    view! { <p class="muted">{format!("{words} not graded yet; the total will grow when they are.")}</p> }
                })}
            <Facts>
                <Fact label="Student">{name}</Fact>
                <Fact label="Submitted">
                    <Time at=sheet.submitted_at.rfc3339() text=sheet.submitted_at.date_time() full=sheet.submitted_at.zone()/>
                </Fact>
                {sheet
                    .published_at
                    .map(|at| view! { <Fact label="Published"><Time at=at.rfc3339() text=at.date_time() full=at.zone()/></Fact> })}
            </Facts>
        </section>
    }
}

#[component]
fn Question(question: QuestionResult, for_staff: bool, assignment: crate::ids::AssignmentId) -> impl IntoView {
    let QuestionResult {
        grade,
        position,
        prompt,
        of,
        points,
        answer,
        machine,
        human,
        unseen,
        ..
    } = question;
    let evidence = machine.as_ref().map(|machine| machine.evidence.clone());
    let review = grade
        .filter(|_| for_staff)
        .map(|grade| format!("/assignments/{assignment}/review?grade={grade}"));
    let label = if for_staff { "Answer" } else { "Your answer" };
    view! {
        <Panel title=format!("Question {position}") id=format!("question-{position}") actions=move || view! { <Earned points of/> }>
            <div class="stack">
                <p class="question-words">{prompt}</p>
                <Answer answer evidence label/>
                <Why machine human of for_staff unseen/>
                {review
                    .map(|href| view! { <p class="no-print"><LinkButton href icon=Glyph::Pen>"Review this answer"</LinkButton></p> })}
            </div>
        </Panel>
    }
}

#[component]
fn Earned(points: Option<Points>, of: Points) -> impl IntoView {
    let (tone, words) = match points {
        None => (Tone::Neutral, format!("Not graded yet, {of} points")),
        Some(points) if points == of => (Tone::Right, format!("{points} of {of} points")),
        Some(points) if points == Points::ZERO => (Tone::Wrong, format!("{points} of {of} points")),
        Some(points) => (Tone::Accent, format!("{points} of {of} points")),
    };
    view! { <Badge tone>{words}</Badge> }
}

/// The teacher's word first; what the machine had suggested stays to be read.
#[component]
fn Why(machine: Option<Machine>, human: Option<Human>, of: Points, for_staff: bool, unseen: bool) -> impl IntoView {
    match (human, machine) {
        (Some(human), machine) => {
            let comment = (!human.comment.is_empty()).then(|| view! { <p class="comment">{human.comment.clone()}</p> });
            let by = format!("{}, {}", human.by, human.at.date_time());
            let feedback = machine
                .as_ref()
                .map(|machine| &machine.evidence.rubric)
                .is_some_and(|rubric| !rubric.is_empty() && (for_staff || goes_with(rubric, human.points)));
            let summary = if feedback {
                "Feedback by criterion, as the grader saw it"
            } else {
                "What the grader had suggested"
            };
            view! {
                <TeacherVoice label=format!("{} of {of}", human.points) by>{comment}</TeacherVoice>
                {machine
                    .map(|machine| {
                        view! { <details class="earlier"><summary>{summary}</summary><Suggestion machine of for_staff decided=human.points/></details> }
                    })}
            }
            .into_any()
        }
        (None, Some(machine)) => view! { <Suggestion machine of for_staff unseen/> }.into_any(),
        (None, None) => view! { <p class="muted">"Nobody has graded this answer yet."</p> }.into_any(),
    }
}

/// How the class did, with the reader's own place named in words and colour.
#[component]
fn Class(class: Distribution, for_staff: bool) -> impl IntoView {
    let (own, submissions) = (class.own as usize, class.submissions);
    let mine = if for_staff { "This submission" } else { "You" };
    let bands = vec![Band::new("Others", Tone::Neutral), Band::new(mine, Tone::Accent)];
    let bins: Vec<Bin> = (0..BINS)
        .map(|bin| {
            let count = class.bins.get(bin).copied().unwrap_or_default();
            let here = u32::from(bin == own);
            Bin::new((bin * 10).to_string(), vec![count.saturating_sub(here), here])
        })
        .collect();
    let words = format!(
        "{submissions} submissions; {} stands at {}.",
        if for_staff { "this one" } else { "yours" },
        bin_label(own)
    );
    view! {
        <Panel title="The class">
            <p class="muted small">{words}</p>
            <Histogram title="Totals" x="share of the points, from %" y="submissions" bands bins=Signal::stored(bins)/>
        </Panel>
    }
}
