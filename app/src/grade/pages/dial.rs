//! The risk dial: how much the machine may settle alone, what that would do, and how the promise was kept so far.

use super::{review_address, trail};
use crate::error::AppError;
use crate::grade::api::{SetDial, UndoDial, read_dial};
use crate::grade::live::{Link, watch};
use crate::grade::model::{Dial, DialChoice, DialPage as Opened, Place, Progress, QueueFilter, ReviewState};
use crate::grade::widgets::{Audited, Coverage, percent, share};
use crate::ids::AssignmentId;
use crate::shell::{FormError, changes, loaded};
use crate::ui::{
    Button, ButtonKind, Choice, Confirm, Empty, Glyph, LinkButton, Notice, PageHeader, Panel, RadioGroup, Tone, Variant,
};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/assignments/:assignment/dial`, with `?target=` to look at a setting.
#[component]
pub fn DialPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let set = ServerAction::<SetDial>::new();
    let undo = ServerAction::<UndoDial>::new();
    let (turned, undone) = (changes(set), changes(undo));
    let source = move || {
        let assignment = params.with(|params| params.get("assignment").unwrap_or_default());
        (assignment, turned.get(), undone.get())
    };
    let page = Resource::new_blocking(source, |(assignment, ..)| read_dial(assignment));
    let asked = move || query.with(|query| query.get("target").and_then(|target| target.parse::<i32>().ok()));
    loaded(page, move |page| view! { <Shown page asked=asked() set undo/> })
}

#[component]
fn Shown(page: Opened, asked: Option<i32>, set: ServerAction<SetDial>, undo: ServerAction<UndoDial>) -> impl IntoView {
    let Opened { place, dial } = page;
    let Place {
        assignment,
        title,
        course,
        course_title,
    } = place;
    let crumbs = trail(course, &course_title, assignment, &title, "Risk dial");
    let error = Signal::derive(move || {
        let failed = |value: Option<Result<(), AppError>>| value.and_then(Result::err);
        failed(set.value().get()).or_else(|| failed(undo.value().get()))
    });
    view! {
        <Title text=format!("Risk dial: {title}")/>
        <PageHeader
            title=format!("Risk dial: {title}")
            lead="How much may the machine settle alone? You choose how often it has to agree with you; it says how many answers that covers."
            trail=Signal::stored(crumbs)
            actions=move || {
                view! { <LinkButton href=format!("/assignments/{assignment}/grading") icon=Glyph::Chart>"Live grading"</LinkButton> }
            }
        />
        <div class="stack">
            <FormError error/>
            {if dial.undecided == 0 && dial.drawn == 0 {
                view! {
                    <Empty title="Nothing to turn the dial for" icon=Glyph::Inbox>
                        "Here you choose how many of the machine's suggestions may stand, once there are suggestions for free text that nobody has decided about."
                    </Empty>
                }
                    .into_any()
            } else {
                view! { <Turning dial asked set undo/> }.into_any()
            }}
        </div>
    }
}

#[component]
fn Turning(dial: Dial, asked: Option<i32>, set: ServerAction<SetDial>, undo: ServerAction<UndoDial>) -> impl IntoView {
    let chosen = RwSignal::new(
        asked
            .filter(|target| dial.choice(*target).is_some())
            .unwrap_or(dial.in_force()),
    );
    let assignment = dial.assignment;
    let of = dial.undecided;
    let options: Vec<Choice> = dial
        .choices
        .iter()
        .map(|choice| Choice::new(choice.target.to_string(), option(choice)).hint(covers(choice, of)))
        .collect();
    let (curve, marks, published) = (dial.curve.clone(), dial.choices.clone(), dial.published);
    let standing = dial.clone();
    let choices = StoredValue::new(dial.choices.clone());
    let force = dial.in_force();
    let is_set = dial.target.is_some();
    let preview = move || {
        let target = chosen.get();
        let choice = choices.with_value(|all| all.iter().find(|choice| choice.target == target).cloned());
        choice.map(|choice| view! { <Preview assignment choice of current=is_set && target == force set/> })
    };
    view! {
        <div class="dial">
            <Panel title="Wanted agreement">
                <form method="get" class="stack stack-tight">
                    <RadioGroup
                        name="target"
                        legend="Of the answers accepted without a person, at least so many shall have the points you would give"
                        options
                        value=Signal::derive(move || chosen.get().to_string())
                        on_change=move |value: String| {
                            if let Ok(target) = value.parse() {
                                chosen.set(target);
                            }
                        }
                    />
                    <div class="row without-script"><Button kind=ButtonKind::Submit>"Show what it would do"</Button></div>
                </form>
            </Panel>
            <div class="stack">
                <Panel title="What it would do" tone=Tone::Machine>
                    <div class="stack stack-tight">
                        {if published {
                            view! { <Notice tone=Tone::Neutral title="The grades are published">"The dial rests: hide the grades first if more answers should be looked at."</Notice> }.into_any()
                        } else {
                            view! { {preview} }.into_any()
                        }}
                        <Standing dial=standing undo/>
                    </div>
                </Panel>
                <Panel title="Before anyone looks: what the model expects">
                    <Coverage curve choices=marks undecided=of chosen/>
                    <p class="small muted">"From the model's own confidence, measured on other questions. Whether it holds here, only the sample below can tell. Answers with a warning sign always go to a person, whatever the dial says."</p>
                </Panel>
            </div>
        </div>
        <Kept dial/>
    }
}

fn option(choice: &DialChoice) -> String {
    if choice.target >= 1000 {
        "Nothing alone: a person looks at every answer".into()
    } else {
        format!("{} agreement", percent(choice.target))
    }
}

fn covers(choice: &DialChoice, of: u32) -> String {
    match choice.expected {
        None => format!("Accepts none of {of} answers"),
        Some(expected) => format!(
            "Accepts {} of {of} answers ({:.0} %); their mean confidence: {:.1} %",
            choice.accepted,
            share(choice.accepted, of),
            expected * 100.0
        ),
    }
}

/// One setting in numbers, and the button that applies it.
#[component]
fn Preview(
    assignment: AssignmentId,
    choice: DialChoice,
    of: u32,
    current: bool,
    set: ServerAction<SetDial>,
) -> impl IntoView {
    let DialChoice {
        target,
        accepted,
        released,
        held,
        ..
    } = choice;
    let covered = format!("{:.0} %", share(accepted, of));
    let promise = if target >= 1000 {
        "A person looks at every answer".to_owned()
    } else {
        format!("Accept {covered} automatically at ≤ {} error", percent(1000 - target))
    };
    let label = match accepted {
        0 => "Leave every answer to people".to_owned(),
        1 => "Accept 1 answer".to_owned(),
        n => format!("Accept {n} answers"),
    };
    let sample = if accepted > 0 {
        "A random sample of what is accepted comes to you to be checked."
    } else {
        "Every undecided answer waits for a person."
    };
    view! {
        <p class="dial-promise">{promise}</p>
        <p>
            {format!("{accepted} of {of} undecided answers would be accepted, {} would wait for a person. ", of - accepted)}
            {format!("Compared with now, {released} would leave the review queue and {held} would enter it.")}
        </p>
        {if current && released == 0 && held == 0 {
            view! { <p class="muted">"This is how the dial stands."</p> }.into_any()
        } else {
            view! {
                <Confirm label=format!("{label}…") icon=Glyph::Check variant=Variant::Primary>
                    <p>"No grade changes and nothing reaches students. "{sample}" You can take it back."</p>
                    <ActionForm action=set>
                        <input type="hidden" name="assignment" value=assignment.to_string()/>
                        <input type="hidden" name="target" value=target.to_string()/>
                        <input type="hidden" name="seen" value=accepted.to_string()/>
                        <Button variant=Variant::Primary busy=set.pending()>{label.clone()}</Button>
                    </ActionForm>
                </Confirm>
            }
                .into_any()
        }}
    }
}

/// How the dial stands, who set it, and the way back.
#[component]
fn Standing(dial: Dial, undo: ServerAction<UndoDial>) -> impl IntoView {
    let assignment = dial.assignment;
    match (dial.target, dial.set) {
        (Some(target), Some((by, at))) => {
            let words = if target >= 1000 {
                "nothing alone".to_owned()
            } else {
                format!("{} agreement", percent(target))
            };
            view! {
                <div class="row row-between">
                    <p class="small">{format!("Now: {words}, set by {by}, {}. {} of {} undecided answers are accepted.", at.date_time(), dial.accepted, dial.undecided)}</p>
                    {(!dial.published)
                        .then(|| {
                            view! {
                                <ActionForm action=undo>
                                    <input type="hidden" name="assignment" value=assignment.to_string()/>
                                    <Button variant=Variant::Quiet icon=Glyph::Undo busy=undo.pending()>"Take it back"</Button>
                                </ActionForm>
                            }
                        })}
                </div>
            }
                .into_any()
        }
        _ => view! {
            <p class="small muted">
                {format!("Nobody has turned the dial: the model aims at 95 % agreement by itself. {} of {} undecided answers are accepted.", dial.accepted, dial.undecided)}
            </p>
        }
        .into_any(),
    }
}

/// The guarantee as audited so far. It follows while others grade the sample.
#[component]
fn Kept(dial: Dial) -> impl IntoView {
    let assignment = dial.assignment;
    let now = RwSignal::new(dial);
    follow(assignment, now);
    let filter = QueueFilter {
        question: None,
        state: ReviewState::Accepted,
        sample: true,
    };
    let audited = move || {
        let dial = now.get();
        let waiting = dial.drawn.saturating_sub(dial.audit.looked_at);
        let target = dial.in_force();
        if dial.drawn == 0 {
            return view! { <p>"No sample yet. When you apply a setting, at least 20 of the accepted answers, or 5 % of them, are drawn at random. You grade them without seeing the suggestion, and this page counts how often you agree."</p> }.into_any();
        }
        let sample = review_address(assignment, filter, None);
        view! {
            <Audited agreement=dial.audit target/>
            <p class="small">{drawn(dial.drawn, waiting)}</p>
            {(waiting > 0).then(|| view! { <div class="row"><LinkButton href=sample icon=Glyph::Eye>{grade_drawn(waiting)}</LinkButton></div> })}
        }
        .into_any()
    };
    let decided = move || {
        let decided = now.with(|dial| dial.decided);
        (decided.looked_at > 0).then(|| {
            view! {
                <p class="small muted">
                    {format!("All answers people decided, {}. That is no random sample: most came to you because the machine was unsure, and you saw its suggestion.", decided.words())}
                </p>
            }
        })
    };
    view! {
        <Panel title="The promise as audited so far" id="audit" tone=Tone::Human>
            <div class="stack stack-tight">{audited} {decided}</div>
        </Panel>
    }
}

/// What the figures of the audit depend on.
#[derive(Clone, Copy, PartialEq)]
struct Counted {
    reviewed: u32,
    sample: u32,
}

/// Fetches the figures again when answers were decided or drawn: one time after the other.
fn follow(assignment: AssignmentId, dial: RwSignal<Dial>) {
    let (progress, link) = (RwSignal::new(Progress::default()), RwSignal::new(Link::Snapshot));
    let (asking, behind) = (StoredValue::new(false), StoredValue::new(false));
    let refresh = move || {
        if asking.get_value() {
            return behind.set_value(true);
        }
        asking.set_value(true);
        spawn_local(async move {
            loop {
                if let Ok(page) = read_dial(assignment.to_string()).await {
                    dial.try_set(page.dial);
                }
                // Until the page has gone, or nothing has changed meanwhile.
                if behind.try_get_value() != Some(true) {
                    break;
                }
                behind.set_value(false);
            }
            asking.try_update_value(|asking| *asking = false);
        });
    };
    Effect::new(move |_| watch(assignment, progress, link));
    let counted = Memo::new(move |_| {
        progress.with(|now| {
            (!now.questions.is_empty()).then(|| Counted {
                reviewed: now.total(|row| row.reviewed),
                sample: now.total(|row| row.sample),
            })
        })
    });
    Effect::new(move |before: Option<Option<Counted>>| {
        let now = counted.get()?;
        let news = match before.flatten() {
            Some(before) => before != now,
            // The first picture: newer than the page only if it says something else.
            None => dial.with_untracked(|dial| dial.drawn.saturating_sub(dial.audit.looked_at) != now.sample),
        };
        if news {
            refresh();
        }
        Some(now)
    });
}

fn drawn(all: u32, waiting: u32) -> String {
    let were = if all == 1 {
        "1 answer was".to_owned()
    } else {
        format!("{all} answers were")
    };
    let wait = match waiting {
        0 => "none of them waits for you any more".to_owned(),
        1 => "1 of them still waits for you".to_owned(),
        n => format!("{n} of them still wait for you"),
    };
    format!(
        "{were} drawn at random from those accepted; {wait}. You grade them without seeing the suggestion. When other answers are accepted, the sample changes with them."
    )
}

fn grade_drawn(waiting: u32) -> String {
    if waiting == 1 {
        "Grade 1 drawn answer".into()
    } else {
        format!("Grade {waiting} drawn answers")
    }
}
