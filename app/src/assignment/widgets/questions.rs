//! The questions of an assignment as its author sees them: in order, with what is missing.

use crate::assignment::view::StaffAssignment;
use crate::ids::QuestionId;
use crate::question::api::{AddQuestion, MoveQuestion};
use crate::question::model::{Question, QuestionKind};
use crate::question::widgets::focus_soon;
use crate::ui::*;
use leptos::prelude::*;

/// The list, with moving and adding while that is possible.
#[component]
pub fn QuestionList(
    assignment: StaffAssignment,
    add: ServerAction<AddQuestion>,
    moving: ServerAction<MoveQuestion>,
    /// The question that moved last, and which way.
    moved: StoredValue<Option<(QuestionId, String)>>,
) -> impl IntoView {
    let can_move = assignment.questions_can_move();
    let (count, total) = (assignment.questions.len(), assignment.total());
    let rows = assignment
        .questions
        .iter()
        .cloned()
        .map(|question| view! { <Row question count can_move moving moved/> })
        .collect_view();
    let columns = vec![
        Column::text("Question"),
        Column::text("Kind"),
        Column::number("Points"),
        Column::unseen("Order"),
    ];
    let adding = can_move.then(|| view! { <AddQuestions assignment=assignment.id.to_string() add/> });
    let list = if count == 0 {
        view! {
            <Empty title="No questions yet" icon=Glyph::List>
                {if can_move { "Choose a kind below to write the first one." } else { "The teacher has not written any." }}
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <div class="question-table"><Table caption="Questions in their order" caption_hidden=true columns=Signal::stored(columns)>
                {rows}
                <tr class="question-total">
                    <th scope="row">"Total"</th>
                    <td class="question-kind"></td>
                    <td class="num"><strong>{total.to_string()}</strong></td>
                    <td></td>
                </tr>
            </Table></div>
        }
        .into_any()
    };
    view! { {list} {adding} }
}

#[component]
fn Row(
    question: Question,
    count: usize,
    can_move: bool,
    moving: ServerAction<MoveQuestion>,
    moved: StoredValue<Option<(QuestionId, String)>>,
) -> impl IntoView {
    let (id, position) = (question.id, question.position);
    // Whoever moves a question by several places presses the same button again.
    Effect::new(move |_| {
        if let Some((_, direction)) = moved.get_value().filter(|(last, _)| *last == id) {
            moved.set_value(None);
            focus_soon(format!("#f-question-{position} button[value={direction}]"));
        }
    });
    let state = match (question.unfinished(), question.warning()) {
        (Some(problem), _) => Some((Tone::Late, "Not finished", problem)),
        (None, Some(warning)) => Some((Tone::Review, "Review only", warning.to_owned())),
        (None, None) => None,
    };
    let prompt = match question.prompt.trim() {
        "" => "No text yet".to_owned(),
        prompt => prompt.lines().next().unwrap_or_default().chars().take(160).collect(),
    };
    let step = move |direction: &'static str, icon: Glyph, off: bool| {
        let label = format!("Move question {position} {direction}");
        view! {
            <Button name="direction" value=direction variant=Variant::Quiet size=Size::Small label disabled=off>
                <Icon glyph=icon/>
            </Button>
        }
    };
    let order = can_move.then(|| {
        view! {
            <ActionForm action=moving>
                <input type="hidden" name="question" value=question.id.to_string()/>
                <span class="order-buttons">
                    <span class="order-up">{step("up", Glyph::ChevronDown, position <= 1)}</span>
                    {step("down", Glyph::ChevronDown, position as usize >= count)}
                </span>
            </ActionForm>
        }
    });
    view! {
        <tr id=format!("f-question-{position}")>
            <th scope="row">
                <span class="question-number num">{position}"."</span>
                <a href=format!("/questions/{}/edit", question.id)>{prompt}</a>
                {state.map(|(tone, word, why)| view! {
                    <p class="question-state small"><Badge tone>{word}</Badge>" "<span class="muted">{why}</span></p>
                })}
            </th>
            <td class="question-kind">{question.key.kind().label()}</td>
            <td class="num">{question.points.to_string()}</td>
            <td>{order}</td>
        </tr>
    }
}

#[component]
fn AddQuestions(assignment: String, add: ServerAction<AddQuestion>) -> impl IntoView {
    let busy = add.pending();
    let buttons = QuestionKind::ALL
        .into_iter()
        .map(|kind| view! { <Button name="kind" value=kind.name() size=Size::Small icon=Glyph::Plus disabled=busy>{kind.label()}</Button> })
        .collect_view();
    view! {
        <div class="add-questions">
            <h3 class="small" id="add-questions">"Add a question"</h3>
            <ActionForm action=add>
                <input type="hidden" name="assignment" value=assignment/>
                <div class="row" role="group" aria-labelledby="add-questions">{buttons}</div>
            </ActionForm>
        </div>
    }
}
