//! The rubric: criteria with points, and in each the things an answer may say.

use super::rows::{AddRow, GroupError, RemoveRow, each};
use super::state::{CriterionRow, Draft, ItemRow, Row, criterion_row, item_row, sum, write};
use crate::points::Points;
use crate::question::content::{MAX_CRITERIA, MAX_ITEMS};
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn RubricEditor(draft: Draft) -> impl IntoView {
    view! {
        <Fieldset legend="Rubric" hint="Criteria share out the question's points; their items say what earns them. Students see names and points of the criteria before they answer, and the feedback with their result.">
            <GroupError id="f-rubric" error=draft.wrong("rubric")/>
            {each(draft.rubric, move |number, row| view! { <OneCriterion draft number row/> })}
            <div class="row row-between">
                <AddRow rows=draft.rubric make=move |()| criterion_row(None) most=MAX_CRITERIA
                    first_field=move |number: usize| format!("f-rubric-{number}-title")>"Add criterion"</AddRow>
                <SumLine draft/>
            </div>
        </Fieldset>
    }
}

/// Whether criteria and question agree, while typing.
#[component]
fn SumLine(draft: Draft) -> impl IntoView {
    let line = move || {
        let any = draft.rubric.with(|rows| {
            rows.iter()
                .any(|row| row.content.points.with(|points| !points.trim().is_empty()))
        });
        let of: Points = draft.points.with(|points| points.parse().ok()).filter(|_| any)?;
        let sum = draft.rubric_sum()?;
        Some(if sum == of {
            view! { <Badge tone=Tone::Right>{format!("Points shared out: {sum} of {of}")}</Badge> }
        } else {
            view! { <Badge tone=Tone::Review icon=Glyph::Warning>{format!("Criteria add up to {sum} of {of} points")}</Badge> }
        })
    };
    view! { <span class="rubric-sum" aria-live="polite">{line}</span> }
}

#[component]
fn OneCriterion(draft: Draft, number: usize, row: Row<CriterionRow>) -> impl IntoView {
    let Row {
        content: CriterionRow {
            id,
            title,
            points,
            items,
        },
        spare,
        gone,
    } = row;
    let name = format!("form[rubric][{number}]");
    let field = format!("rubric-{number}");
    let remove = move |()| {
        for text in [title, points] {
            text.set(String::new());
        }
        items.with_untracked(|items| items.iter().for_each(clear_item));
        gone.set(true);
    };
    let (item_name, item_field, first_item) = (name.clone(), field.clone(), field.clone());
    let used = move || {
        items.with(|items| {
            items
                .iter()
                .any(|item| item.content.points.with(|points| !points.trim().is_empty()))
        })
    };
    let off = move || {
        let items = items.with(|items| items.iter().map(|item| item.content.points).collect::<Vec<_>>());
        let (items, whole) = (sum(items)?, points.with(|points| points.parse::<Points>().ok())?);
        (used() && items != whole).then(|| format!("Items add up to {items} of {whole} points"))
    };
    view! {
        <div class="criterion" class:spare-row=move || spare.get() hidden=move || gone.get() role="group" aria-label=format!("Criterion {}", number + 1)>
            <input type="hidden" name=format!("{name}[id]") value=move || id.get()/>
            <div class="edit-row">
                <TextField name=format!("{name}[title]") id=format!("f-{field}-title") label=format!("Criterion {}", number + 1) maxlength=200 autocomplete="off"
                    value=title on_input=write(title) error=draft.wrong(format!("{field}-title"))/>
                <TextField name=format!("{name}[points]") id=format!("f-{field}-points") label="Points" autocomplete="off"
                    value=points on_input=write(points) error=draft.wrong(format!("{field}-points"))/>
                <RemoveRow label=format!("Remove criterion {}", number + 1) on_click=remove/>
            </div>
            <div class="criterion-items">
                {each(items, move |place, row| {
                    view! { <OneItem draft name=format!("{item_name}[items][{place}]") field=format!("{item_field}-items-{place}") place row/> }
                })}
                <div class="row row-between">
                    <AddRow rows=items make=move |()| item_row(None) most=MAX_ITEMS
                        first_field=move |place: usize| format!("f-{first_item}-items-{place}-text")>"Add item"</AddRow>
                    <span class="rubric-sum" aria-live="polite">
                        {move || off().map(|words| view! { <Badge tone=Tone::Review icon=Glyph::Warning>{words}</Badge> })}
                    </span>
                </div>
            </div>
        </div>
    }
}

#[component]
fn OneItem(draft: Draft, name: String, field: String, place: usize, row: Row<ItemRow>) -> impl IntoView {
    let cleared = row.clone();
    let Row {
        content: ItemRow {
            id,
            text,
            points,
            feedback,
        },
        spare,
        gone,
    } = row;
    let remove = move |()| {
        clear_item(&cleared);
        gone.set(true);
    };
    view! {
        <div class="item-row" class:spare-row=move || spare.get() hidden=move || gone.get()>
            <input type="hidden" name=format!("{name}[id]") value=move || id.get()/>
            <div class="edit-row">
                <TextField name=format!("{name}[text]") id=format!("f-{field}-text") label=format!("Item {}: the answer says", place + 1) maxlength=1000 autocomplete="off"
                    value=text on_input=write(text) error=draft.wrong(format!("{field}-text"))/>
                <TextField name=format!("{name}[points]") id=format!("f-{field}-points") label="Points" autocomplete="off"
                    value=points on_input=write(points) error=draft.wrong(format!("{field}-points"))/>
                <RemoveRow label=format!("Remove item {}", place + 1) on_click=remove/>
            </div>
            <TextField name=format!("{name}[feedback]") id=format!("f-{field}-feedback") label="Feedback when it is missing" maxlength=1000 autocomplete="off"
                value=feedback on_input=write(feedback) error=draft.wrong(format!("{field}-feedback"))/>
        </div>
    }
}

fn clear_item(row: &Row<ItemRow>) {
    for text in [row.content.text, row.content.points, row.content.feedback] {
        text.set(String::new());
    }
}
