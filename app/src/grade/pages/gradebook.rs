//! The gradebook: students down, assignments across, every cell a way to its reasons.

use crate::grade::api::read_gradebook;
use crate::grade::model::{Gradebook, GradebookCell, GradebookColumn, GradebookRow};
use crate::points::Points;
use crate::shell::loaded;
use crate::ui::{Column, Crumb, Empty, Glyph, Icon, LinkButton, PageHeader, Pager, Panel, Table};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/courses/:course/gradebook`, from the student `?after=` on.
#[component]
pub fn GradebookPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let source = move || {
        (
            params.with(|params| params.get("course").unwrap_or_default()),
            query.with(|query| query.get("after")),
        )
    };
    let gradebook = Resource::new_blocking(source, |(course, after)| read_gradebook(course, after));
    loaded(gradebook, |gradebook| view! { <Book gradebook/> })
}

#[component]
fn Book(gradebook: Gradebook) -> impl IntoView {
    let Gradebook {
        course,
        code,
        title,
        columns,
        rows,
        students,
        next,
        paged,
    } = gradebook;
    let here = format!("/courses/{course}/gradebook");
    let export = format!("{here}.csv");
    let crumbs = vec![
        Crumb::new("Courses", "/courses"),
        Crumb::new(title.clone(), format!("/courses/{course}")),
        Crumb::here("Gradebook"),
    ];
    let people = if students == 1 {
        "1 student".to_owned()
    } else {
        format!("{students} students")
    };
    let work = if columns.len() == 1 {
        "1 assignment".to_owned()
    } else {
        format!("{} assignments", columns.len())
    };
    view! {
        <Title text=format!("Gradebook: {code}")/>
        <PageHeader
            title="Gradebook"
            lead=format!("{code} {title}: {people}, {work}")
            trail=Signal::stored(crumbs)
            actions=move || view! { <LinkButton href=export icon=Glyph::Download download=true external=true>"Export CSV"</LinkButton> }
        />
        {if rows.is_empty() {
            view! {
                <Empty title="No students yet" icon=Glyph::People action=move || view! { <LinkButton href=format!("/courses/{course}/people")>"Add students"</LinkButton> }>
                    "Their grades appear here as they submit."
                </Empty>
            }
                .into_any()
        } else {
            let heads = heads(&columns);
            let lines = rows.into_iter().map(|row| view! { <Line row columns=columns.clone()/> }).collect_view();
            let next = next.map(|after| format!("{here}?after={after}"));
            view! {
                <div class="stack stack-tight gradebook">
                    <Panel flush=true>
                        <Table caption="Grades of all students" caption_hidden=true sticky=true columns=heads>{lines}</Table>
                        <Pager label="Students" prev=paged.then_some(here) next/>
                    </Panel>
                    <p class="muted small">
                        "Totals are less the deduction for lateness. The percentage counts what a student has submitted and what has ended."
                    </p>
                </div>
            }
                .into_any()
        }}
    }
}

fn heads(columns: &[GradebookColumn]) -> Vec<Column> {
    let head = |column: &GradebookColumn| {
        let hidden = if column.published { "" } else { ", not published" };
        let mut head = Column::number(format!("{} ({} pts{hidden})", column.title, column.of));
        head.href = Some(format!("/assignments/{}/grading", column.assignment));
        head
    };
    [Column::text("Student")]
        .into_iter()
        .chain(columns.iter().map(head))
        .chain([Column::number("Total"), Column::number("%")])
        .collect()
}

#[component]
fn Line(row: GradebookRow, columns: Vec<GradebookColumn>) -> impl IntoView {
    let (total, of, share) = (row.total(), row.of(&columns), row.percentage(&columns));
    let cells = row.cells.iter().map(|cell| view! { <Cell cell=*cell/> }).collect_view();
    view! {
        <tr>
            <th scope="row" class="student-cell"><span>{row.name}</span><span class="muted small">{row.email}</span></th>
            {cells}
            <td class="num"><strong>{total.to_string()}</strong><span class="muted">{format!(" of {of}")}</span></td>
            <td class="num">{share}</td>
        </tr>
    }
}

#[component]
fn Cell(#[prop(optional_no_strip)] cell: Option<GradebookCell>) -> impl IntoView {
    let Some(GradebookCell {
        submission,
        total,
        late_percent,
        ungraded,
        waiting,
        ..
    }) = cell
    else {
        return view! { <td class="num muted"><span aria-hidden="true">"–"</span><span class="visually-hidden">"nothing submitted"</span></td> }.into_any();
    };
    let late = (late_percent > 0).then(|| format!("late, {late_percent} % less"));
    let open = match (ungraded, waiting) {
        (0, 0) => None,
        (0, waiting) => Some(format!("{waiting} to review")),
        (ungraded, _) => Some(format!("{ungraded} not graded")),
    };
    let none_yet = total == Points::ZERO && ungraded > 0;
    view! {
        <td class="num">
            <a href=format!("/submissions/{submission}/result")>{if none_yet { "–".to_owned() } else { total.to_string() }}</a>
            {late.map(|words| view! { <span class="cell-note tone-late"><Icon glyph=Glyph::Clock/>{words}</span> })}
            {open.map(|words| view! { <span class="cell-note tone-review"><Icon glyph=Glyph::Eye/>{words}</span> })}
        </td>
    }
    .into_any()
}
