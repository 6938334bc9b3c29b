//! The review desk: one answer after the other, decided with a few keys.
//!
//! `desk` holds the state and sends decisions; the page moves on before the answer of the server is there, and comes back with
//! what went wrong (`trouble`). `drafts` keeps what was typed, `follow` brings what others and the machine did meanwhile, `keys` and
//! `typing` are what the keys do. Without script the same page shows one answer with a plain form.

mod arrive;
mod desk;
mod drafts;
mod follow;
mod keys;
mod paper;
mod side;
mod trouble;
mod typing;

use super::{review_address, trail};
use crate::grade::api::{DecideForm, read_desk};
use crate::grade::model::{QueueFilter, QueueQuestion, ReviewCounts, ReviewDesk, ReviewState};
use crate::ids::QuestionId;
use crate::shell::{FormError, loaded};
use crate::ui::{Button, Empty, Glyph, KeyHelp, LinkButton, PageHeader, Tab, Tabs, Variant};
use desk::Desk;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use paper::{Paper, Suggested};
use side::Side;
use trouble::Troubles;

/// `/assignments/:assignment/review`, with `?question=`, `?state=`, `?grade=` and `?after=`.
#[component]
pub fn ReviewPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let source = move || {
        let assignment = params.with(|params| params.get("assignment").unwrap_or_default());
        query.with(|query| {
            (
                assignment,
                query.get("question"),
                query.get("state"),
                query.get("grade"),
                query.get("after"),
            )
        })
    };
    let opened = Resource::new_blocking(source, |(assignment, question, state, grade, after)| {
        read_desk(assignment, question, state, grade, after)
    });
    loaded(opened, |opened| view! { <Review opened/> })
}

#[component]
fn Review(opened: ReviewDesk) -> impl IntoView {
    let title = format!("Review: {}", opened.title);
    let crumbs = trail(
        opened.course,
        &opened.course_title,
        opened.assignment,
        &opened.title,
        "Review",
    );
    let (assignment, filter) = (opened.assignment, opened.filter);
    let desk = Desk::new(opened);
    desk.listen();
    desk.follow();
    desk.guard();
    // What is typed waits also while one looks at another queue.
    on_cleanup(move || desk.keep());
    // The error with which the plain form came back.
    let plain = ServerAction::<DecideForm>::new();
    let tabs = Signal::derive(move || {
        let counts = desk.counts.get();
        let tab = |label: &str, state: ReviewState, n: u32| {
            let plain = QueueFilter {
                state,
                sample: false,
                ..filter
            };
            Tab::new(label, review_address(assignment, plain, None))
                .count(u64::from(n))
                .current(filter.state == state && !filter.sample)
        };
        let mut tabs = vec![
            tab("Needs review", ReviewState::Waiting, counts.waiting),
            tab("Accepted", ReviewState::Accepted, counts.accepted),
            tab("Decided", ReviewState::Reviewed, counts.reviewed),
        ];
        if counts.sample > 0 || filter.sample {
            let sample = QueueFilter {
                state: ReviewState::Accepted,
                sample: true,
                ..filter
            };
            tabs.push(
                Tab::new("Random sample", review_address(assignment, sample, None))
                    .count(u64::from(counts.sample))
                    .current(filter.sample),
            );
        }
        tabs
    });
    let questions = Signal::derive(move || {
        let tab = |label: String, question: Option<QuestionId>, counts: ReviewCounts| {
            let narrowed = QueueFilter { question, ..filter };
            Tab::new(label, review_address(assignment, narrowed, None))
                .count(u64::from(counts.shown(filter)))
                .current(filter.question == question)
        };
        desk.parts.with(|parts| {
            let all = parts.iter().map(|part| part.counts).sum();
            let each = parts
                .iter()
                .map(|part| tab(format!("Question {}", part.position), Some(part.question), part.counts));
            std::iter::once(tab("All questions".into(), None, all))
                .chain(each)
                .collect::<Vec<_>>()
        })
    });
    let several = Memo::new(move |_| desk.parts.with(|parts| parts.len() > 1) || filter.question.is_some());
    view! {
        <Title text=title.clone()/>
        <PageHeader
            title
            trail=Signal::stored(crumbs)
            actions=move || {
                view! {
                    <KeyHelp
                        id="keys"
                        keys=vec![
                            ("0 – 9", "Give points"),
                            ("+", "Half a point more"),
                            ("-", "Half a point less"),
                            ("Enter", "Save and next"),
                            ("A", "Accept the suggestion and next"),
                            ("J", "Next answer"),
                            ("K", "Previous answer"),
                            ("C", "Write a comment"),
                            ("U", "Take the last decision back"),
                        ]
                    />
                    <LinkButton href=format!("/assignments/{assignment}/groups") icon=Glyph::List>"Answer groups"</LinkButton>
                    <LinkButton href=format!("/assignments/{assignment}/grading") icon=Glyph::Chart>"Live grading"</LinkButton>
                }
            }
        />
        <div class="stack">
            <Tabs label="Answers" items=tabs/>
            {move || several.get().then(|| view! { <Tabs label="Questions" items=questions/> })}
            {filter
                .sample
                .then(|| view! { <p class="small">"Drawn at random from what the machine would settle alone. Its suggestion stays hidden until you have decided, so that the count is honest. "<a href=format!("/assignments/{assignment}/dial#audit")>"How the promise was kept so far"</a></p> })}
            <FormError error=Signal::derive(move || plain.value().get().and_then(Result::err))/>
            <Troubles desk/>
            <Show when=move || desk.current.with(Option::is_some) fallback=move || view! { <Finished desk/> }>
                <div class="review-desk">
                    <div class="stack">
                        <Paper desk/>
                        <Suggested desk/>
                    </div>
                    <Side desk/>
                </div>
            </Show>
        </div>
    }
}

/// The end of the queue.
#[component]
fn Finished(desk: Desk) -> impl IntoView {
    let (assignment, filter) = (desk.assignment, desk.filter);
    let rest = Memo::new(move |_| desk.parts.with(|parts| Rest::of(parts, filter, desk.passed_over())));
    let back = format!("/assignments/{assignment}/grading");
    move || {
        let rest = rest.get();
        let back = back.clone();
        let to = move |question| review_address(assignment, QueueFilter { question, ..filter }, None);
        view! {
            <Empty
                title=rest.title(filter)
                icon=Glyph::Check
                action=move || {
                    view! {
                        <div class="row">
                            {(rest.passed > 0).then(|| view! { <LinkButton href=to(filter.question) variant=Variant::Primary external=true>"From the beginning"</LinkButton> })}
                            {rest
                                .next
                                .map(|(question, position, n)| {
                                    let variant = if rest.passed == 0 { Variant::Primary } else { Variant::Secondary };
                                    view! { <LinkButton href=to(Some(question)) variant>{format!("Go on with question {position} ({n})")}</LinkButton> }
                                })}
                            {rest.next.map(|_| view! { <LinkButton href=to(None)>{format!("All questions ({})", rest.elsewhere + rest.passed)}</LinkButton> })}
                            <LinkButton href=back variant=if rest.next.is_none() && rest.passed == 0 { Variant::Primary } else { Variant::Secondary }>"Back to grading"</LinkButton>
                            <span class="needs-script">
                                <Button on_click=move |_| desk.back() disabled=Signal::derive(move || desk.items.with(Vec::is_empty))>"Previous answer"</Button>
                            </span>
                        </div>
                    }
                }
            >
                {rest.words()}
            </Empty>
        }
    }
}

/// What is left when a queue has come to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rest {
    /// Of the one question that is shown.
    position: Option<i32>,
    /// Passed over without a decision.
    passed: u32,
    /// Of the other questions.
    elsewhere: u32,
    /// The next question with such answers, and how many.
    next: Option<(QuestionId, i32, u32)>,
}

impl Rest {
    /// `undecided` is how many of those that came up on the desk are not decided, where there were any: it knows of a decision before the
    /// counts do.
    fn of(parts: &[QueueQuestion], filter: QueueFilter, undecided: Option<u32>) -> Rest {
        let open = |part: &QueueQuestion| part.counts.shown(filter);
        let passed = |n: u32| match filter.state {
            ReviewState::Waiting => undecided.unwrap_or(n).min(n),
            _ if filter.sample => undecided.unwrap_or(n).min(n),
            // Nothing has to be done about them.
            ReviewState::Accepted | ReviewState::Reviewed => 0,
        };
        let Some(only) = filter.question else {
            return Rest {
                passed: passed(parts.iter().map(open).sum()),
                ..Rest::default()
            };
        };
        let here = parts.iter().position(|part| part.question == only);
        let (before, after) = parts.split_at(here.unwrap_or_default());
        let others = || after.iter().chain(before).filter(|part| part.question != only);
        Rest {
            position: here.map(|here| parts[here].position),
            passed: passed(here.map(|here| open(&parts[here])).unwrap_or_default()),
            elsewhere: others().map(open).sum(),
            next: others()
                .find(|part| open(part) > 0)
                .map(|part| (part.question, part.position, open(part))),
        }
    }

    fn title(self, filter: QueueFilter) -> String {
        if self.passed > 0 {
            return "This is the end of the queue".into();
        }
        let what = match filter.state {
            _ if filter.sample => "No more drawn answers",
            ReviewState::Waiting => "Nothing waits for review",
            ReviewState::Accepted => "No more accepted answers",
            ReviewState::Reviewed => "No more decided answers",
        };
        match self.position {
            Some(position) => format!("{what} in question {position}"),
            None => what.into(),
        }
    }

    fn words(self) -> String {
        let answers = |n: u32| {
            if n == 1 {
                "1 answer".to_owned()
            } else {
                format!("{n} answers")
            }
        };
        if self.passed > 0 {
            return format!(
                "{} without a decision: passed over, or come in since.",
                answers(self.passed)
            );
        }
        match self.elsewhere {
            0 => "New answers come in as they are graded.".into(),
            n => format!("{} to other questions are left.", answers(n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> QuestionId {
        QuestionId(Uuid::from_u128(n))
    }

    fn parts(waiting: &[u32]) -> Vec<QueueQuestion> {
        let part = |(at, waiting): (usize, &u32)| QueueQuestion {
            question: id(at as u128 + 1),
            position: at as i32 + 1,
            counts: ReviewCounts {
                waiting: *waiting,
                accepted: 9,
                ..ReviewCounts::default()
            },
        };
        waiting.iter().enumerate().map(part).collect()
    }

    fn waiting(question: Option<u128>) -> QueueFilter {
        QueueFilter {
            question: question.map(id),
            state: ReviewState::Waiting,
            sample: false,
        }
    }

    #[test]
    fn the_end_of_one_question_leads_to_the_next_that_has_some() {
        let of = |waits: &[u32], question| Rest::of(&parts(waits), waiting(question), None);
        let rest = of(&[3, 0, 0, 2], Some(2));
        assert_eq!((rest.next, rest.elsewhere, rest.passed), (Some((id(4), 4, 2)), 5, 0));
        assert_eq!(rest.title(waiting(Some(2))), "Nothing waits for review in question 2");
        // Behind the last question it goes on with the first.
        assert_eq!(of(&[3, 0, 0, 0], Some(4)).next, Some((id(1), 1, 3)));
        assert_eq!(of(&[0, 0, 4, 0], Some(3)).next, None);
        assert_eq!(of(&[0, 0], Some(1)).words(), "New answers come in as they are graded.");
    }

    #[test]
    fn what_was_passed_over_is_not_called_nothing() {
        let rest = Rest::of(&parts(&[0, 1]), waiting(Some(2)), None);
        assert_eq!(
            (rest.passed, rest.title(waiting(Some(2)))),
            (1, "This is the end of the queue".into())
        );
        assert_eq!(Rest::of(&parts(&[2, 1]), waiting(None), None).passed, 3);
        // A decision on its way is one, and so is a colleague's.
        assert_eq!(Rest::of(&parts(&[2, 1]), waiting(None), Some(0)).passed, 0);
        assert_eq!(Rest::of(&parts(&[0, 0]), waiting(None), Some(4)).passed, 0);
        // A question that is not of this assignment has nothing, and the others are offered.
        assert_eq!(
            Rest::of(&parts(&[2, 1]), waiting(Some(7)), None).next,
            Some((id(1), 1, 2))
        );
    }

    #[test]
    fn accepted_answers_are_not_left_to_do() {
        let filter = QueueFilter {
            state: ReviewState::Accepted,
            ..waiting(Some(1))
        };
        let rest = Rest::of(&parts(&[0, 0]), filter, None);
        assert_eq!((rest.passed, rest.next), (0, Some((id(2), 2, 9))));
        assert_eq!(rest.title(filter), "No more accepted answers in question 1");
    }
}
