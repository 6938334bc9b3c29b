//! Which pages a person's tours lead to.

use super::model::{Guest, Stop, Tour};
use crate::assignment::model::Phase;
use crate::dashboard::model::{Home, Task};
use crate::error::AppResult;
use crate::platform::Ctx;

const OF_COURSE: &str = "This page belongs to a course.";

/// One tour for each way in which the person uses the program; who takes part in nothing yet gets the student's.
pub async fn tours(ctx: &Ctx) -> AppResult<Vec<Tour>> {
    let is_admin = ctx.actor()?.is_admin;
    let home = crate::dashboard::service::home(ctx).await?;
    let mut tours = Vec::new();
    if home.attends || (!home.teaches && !is_admin) {
        tours.push(of_student(&home));
    }
    if home.teaches {
        tours.push(of_teacher(&home));
    }
    if is_admin {
        tours.push(of_administrator());
    }
    Ok(tours)
}

fn of_student(home: &Home) -> Tour {
    let open = home
        .due
        .iter()
        .find(|mine| matches!(mine.terms.phase, Phase::Open | Phase::Late));
    let assignment = open.or(home.due.first()).map(|mine| mine.place.assignment);
    let writing = home.due.iter().find(|mine| {
        let standing = mine.standing.as_ref();
        matches!(mine.terms.phase, Phase::Open | Phase::Late)
            && standing.is_some_and(|standing| standing.submitted.is_none())
    });
    let submitted = home.due.iter().find_map(|mine| {
        let standing = mine.standing.as_ref()?;
        standing.submitted.as_ref().map(|_| standing.submission)
    });
    let submitted = submitted.or_else(|| home.grades.first().map(|grade| grade.submission));
    let graded = home.grades.first().map(|grade| grade.submission);
    let stops = vec![
        stop(
            "Your first page",
            "What is due stands here, the most pressing first; below it the newest grades.",
            "/",
        ),
        later(
            "An assignment",
            "What is asked, until when, and what it is worth. While it is open, a button begins your answers; you can go on with them until you submit.",
            "You have nothing to do now. An assignment appears on your first page as soon as your teacher publishes it.",
            assignment.map(|id| format!("/assignments/{id}")),
        ),
        later(
            "Answering",
            "Write as on paper: what you type is saved as you type, also through a lost connection. The line above the questions says when it was saved last.",
            "This page opens when you begin an assignment. What you type there is saved as you type, also through a lost connection.",
            writing.map(|mine| format!("/assignments/{}/answer", mine.place.assignment)),
        ),
        later(
            "The receipt",
            "When you submit, you get a receipt with the time and a fingerprint of your answers. Anyone can check it, even years later.",
            "You get a receipt when you submit: the time and a fingerprint of your answers, which anyone can check.",
            submitted.map(|id| format!("/submissions/{id}/receipt")),
        ),
        later(
            "Your result",
            "The points for each question and where they come from: what a person decided, or what the machine suggested and your teacher let stand.",
            "Your result opens when your teacher publishes the grades: the points for each question and where they come from.",
            graded.map(|id| format!("/submissions/{id}/result")),
        ),
        stop(
            "What you are told",
            "Choose which news come by mail, and when it should be quiet.",
            "/notifications/settings",
        ),
    ];
    Tour {
        guest: Guest::Student,
        stops,
    }
}

fn of_teacher(home: &Home) -> Tour {
    // Where most is to be seen.
    let tasks = home.teaching.iter().flat_map(|taught| &taught.assignments);
    let task = tasks.max_by_key(|task| task.numbers.waiting + task.numbers.graded);
    let holds = |task: &Task| {
        home.teaching.iter().find(|taught| {
            taught
                .assignments
                .iter()
                .any(|other| other.assignment == task.assignment)
        })
    };
    let course = task
        .and_then(holds)
        .or_else(|| home.teaching.first())
        .map(|taught| taught.course);
    let at = |room: &str| task.map(|task| format!("/assignments/{}/{room}", task.assignment));
    let none = "Nothing is being graded now. This page belongs to an assignment that is published and whose grades are not out yet.";
    let stops = vec![
        stop(
            "Your courses",
            "The courses you are part of. A course holds people and assignments.",
            "/courses",
        ),
        later(
            "A course",
            "Its assignments, from the draft to published grades, and its people. Teachers begin new assignments here.",
            OF_COURSE,
            course.map(|id| format!("/courses/{id}")),
        ),
        later(
            "The class being graded",
            "Each answer appears as it is graded: what the machine is sure of, what it leaves to you, what people decided. Teachers publish the grades from here when all is done.",
            none,
            at("grading"),
        ),
        later(
            "Review",
            "The answers the machine is unsure of, one after the other, with its suggestion and why. Each grade you give teaches it about this question, and the others change at once.",
            none,
            at("review"),
        ),
        later(
            "How much to accept",
            "Say how often accepted suggestions must agree with you. Nothing changes until you apply it, and a random sample comes to you to be checked.",
            none,
            at("dial"),
        ),
        later(
            "Answers that say the same",
            "Grade a whole group at once; split or join groups where the machine saw it differently.",
            none,
            at("groups"),
        ),
        later(
            "The gradebook",
            "All grades of a course in one table, to read and to take along as a file.",
            OF_COURSE,
            course.map(|id| format!("/courses/{id}/gradebook")),
        ),
    ];
    Tour {
        guest: Guest::Teacher,
        stops,
    }
}

fn of_administrator() -> Tour {
    let stops = vec![
        stop(
            "The console",
            "The institution at a glance: what needs you comes first.",
            "/admin",
        ),
        stop(
            "People",
            "Accounts: make them, help with a lost password, deactivate. Courses enrol their people themselves.",
            "/admin/users",
        ),
        stop(
            "The system",
            "Is every part well? Here too: scheduled jobs and backups, of which the last proven one counts.",
            "/admin/system",
        ),
        stop(
            "Models",
            "Which model grades, how good it was on answers it had not seen, and how to try another without a student noticing.",
            "/admin/models",
        ),
        stop(
            "Maintenance",
            "Plan a window: people are told ahead, everything stays readable, and what students type is kept.",
            "/admin/maintenance",
        ),
        stop(
            "Mail",
            "What was sent, what waits, and what failed and why.",
            "/admin/mail",
        ),
        stop(
            "The audit log",
            "Who did what and when, each entry sealed by the next.",
            "/admin/audit",
        ),
        stop(
            "The book",
            "How to deploy, watch, launch and mend the system. It belongs to the version that runs.",
            "/help",
        ),
    ];
    Tour {
        guest: Guest::Administrator,
        stops,
    }
}

fn stop(title: &str, words: &str, path: &str) -> Stop {
    later(title, words, "", Some(path.to_owned()))
}

/// A stop whose page may not exist yet; then `missing` says when it will.
fn later(title: &str, words: &str, missing: &str, path: Option<String>) -> Stop {
    Stop {
        title: title.to_owned(),
        words: if path.is_some() { words } else { missing }.to_owned(),
        path,
    }
}
