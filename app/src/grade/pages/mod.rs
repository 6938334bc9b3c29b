//! Pages about grades: the cockpit, the review desk, the risk dial, answer groups, the radar, a result, the gradebook.

mod cockpit;
mod dial;
mod gradebook;
mod groups;
mod radar;
mod result;
mod review;

pub use cockpit::CockpitPage;
pub use dial::DialPage;
pub use gradebook::GradebookPage;
pub use groups::GroupsPage;
pub use radar::RadarPage;
pub use result::ResultPage;
pub use review::ReviewPage;

use crate::grade::model::{Cursor, QueueFilter, ReviewState};
use crate::ids::AssignmentId;
use crate::ui::Crumb;

/// The address of a place in a review queue.
pub fn review_address(assignment: AssignmentId, filter: QueueFilter, after: Option<Cursor>) -> String {
    let mut parts = Vec::new();
    if let Some(question) = filter.question {
        parts.push(format!("question={question}"));
    }
    if filter.sample {
        parts.push("state=sample".to_owned());
    } else if filter.state != ReviewState::Waiting {
        parts.push(format!("state={}", filter.state.name()));
    }
    if let Some(after) = after {
        parts.push(format!("after={after}"));
    }
    let query = parts.join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/assignments/{assignment}/review{mark}{query}")
}

/// The way to a page of an assignment.
fn trail(
    course: impl std::fmt::Display,
    course_title: &str,
    assignment: AssignmentId,
    title: &str,
    here: &str,
) -> Vec<Crumb> {
    vec![
        Crumb::new("Courses", "/courses"),
        Crumb::new(course_title, format!("/courses/{course}")),
        Crumb::new(title, format!("/assignments/{assignment}")),
        Crumb::here(here),
    ]
}
