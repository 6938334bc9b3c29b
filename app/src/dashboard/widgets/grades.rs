//! Grades that have arrived.

use crate::dashboard::model::NewGrade;
use crate::time::Timestamp;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn Grades(grades: Vec<NewGrade>, now: Timestamp) -> impl IntoView {
    let body = if grades.is_empty() {
        view! { <Empty title="No grades yet" icon=Glyph::Star>"When a teacher publishes grades, you find them here, with the reasons."</Empty> }.into_any()
    } else {
        let rows = grades
            .into_iter()
            .map(|grade| {
                view! {
                    <li class="due-row">
                        <div class="due-words">
                            <p class="due-title"><a href=format!("/submissions/{}/result", grade.submission)>{grade.title}</a></p>
                            <p class="small muted">{grade.course_code}</p>
                        </div>
                        <p class="small muted">"published " <Time at=grade.at.rfc3339() text=grade.at.relative(now) full=grade.at.date_time()/></p>
                        <p class="grade-points num"><strong>{grade.points.to_string()}</strong>{format!(" of {} points", grade.of)}</p>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="due-list">{rows}</ul> }.into_any()
    };
    view! { <Panel title="Grades" id="grades">{body}</Panel> }
}
