//! Looking: the overview before the start, the sheet while answering, the list of one's own.

use crate::assignment::model::{Dates, Phase};
use crate::course::model::Role;
use crate::course::policy::{self, Duty};
use crate::entity::{assignment, course, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, CourseId, SubmissionId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::{Paper, QuestionKind, QuestionPaper};
use crate::submission::model::{AssignmentView, Mine, Overview, Preview, Sheet, Standing, Terms, Whereabouts};
use crate::submission::store;
use crate::time::Timestamp;
use sea_orm::EntityTrait;
use std::collections::HashMap;

/// The page of an assignment, as it is for whoever looks.
pub async fn assignment_view(ctx: &Ctx, id: AssignmentId) -> AppResult<AssignmentView> {
    let (assignment, role) = policy::assignment(ctx, id, Duty::See).await?;
    let overview = overview_of(ctx, assignment).await?;
    if !role.is_staff() {
        return Ok(AssignmentView::Student(overview));
    }
    let numbers = crate::assignment::service::overview(ctx, id).await?;
    Ok(AssignmentView::Staff {
        overview,
        numbers,
        may_edit: role == Role::Teacher,
    })
}

/// An assignment as its students see it. Staff may look too; they have no standing.
pub async fn overview(ctx: &Ctx, id: AssignmentId) -> AppResult<Overview> {
    let (assignment, _) = policy::assignment(ctx, id, Duty::See).await?;
    overview_of(ctx, assignment).await
}

async fn overview_of(ctx: &Ctx, assignment: assignment::Model) -> AppResult<Overview> {
    let questions = crate::question::store::papers(ctx.db(), assignment.id).await?;
    let own = store::of_student(ctx.db(), assignment.id, ctx.actor()?.id).await?;
    let standing = match own {
        Some(row) => Some(standing(ctx, &row).await?),
        None => None,
    };
    Ok(Overview {
        place: place(&assignment, &course(ctx, assignment.course_id).await?),
        terms: terms(ctx, &assignment),
        points: questions.iter().map(|question| question.points).sum::<Points>(),
        questions: questions.into_iter().map(preview).collect(),
        published: assignment.grades_published_at.is_some() && standing.as_ref().is_some_and(|s| s.submitted.is_some()),
        instructions: assignment.instructions,
        standing,
    })
}

/// The sheet of the actor's own submission; an error before the start.
pub async fn own_sheet(ctx: &Ctx, id: AssignmentId) -> AppResult<Sheet> {
    let (assignment, _) = policy::assignment(ctx, id, Duty::Attend).await?;
    match store::of_student(ctx.db(), id, ctx.actor()?.id).await? {
        Some(row) => sheet(ctx, row, assignment).await,
        None => Err(AppError::conflict(
            "You have not started this assignment yet. Open its page and choose Start.",
        )),
    }
}

/// The sheet of a submission: for its student, and read-only in effect for staff.
pub async fn open(ctx: &Ctx, id: SubmissionId) -> AppResult<Sheet> {
    let (row, assignment, _) = policy::submission(ctx, id).await?;
    sheet(ctx, row, assignment).await
}

/// Of a submission that the actor may see.
async fn sheet(ctx: &Ctx, row: submission::Model, assignment: assignment::Model) -> AppResult<Sheet> {
    let questions = ctx.state.papers.of(&ctx.state.db, assignment.id, ctx.now()).await?;
    let answers: Vec<_> = store::answers(ctx.db(), row.id)
        .await?
        .into_iter()
        .map(store::given)
        .collect::<AppResult<_>>()?;
    let attachments = crate::file::store::attachments(ctx.db(), row.id).await?;
    let saved = answers.iter().map(|given| given.updated_at).max();
    Ok(Sheet {
        submission: row.id,
        place: place(&assignment, &course(ctx, assignment.course_id).await?),
        terms: terms(ctx, &assignment),
        instructions: assignment.instructions,
        questions: questions.to_vec(),
        answers,
        attachments,
        submitted: row.submitted_at.map(|at| ctx.moment(at)),
        saved: saved.map(|at| ctx.moment(at)),
    })
}

/// Everything the actor can answer or has answered: what is due first stands first, then what has no date, then what is over.
pub async fn mine(ctx: &Ctx) -> AppResult<Vec<Mine>> {
    let (actor, db, now) = (ctx.actor()?, ctx.db(), ctx.now());
    let courses = store::attended(db, actor.id).await?;
    if courses.is_empty() {
        return Ok(Vec::new());
    }
    let mut assignments = store::visible_assignments(db, courses.keys().copied(), now).await?;
    assignments.sort_by_key(|row| order(&ctx.dates(row), row.id, now));
    let ids: Vec<AssignmentId> = assignments.iter().map(|row| row.id).collect();
    let own = store::by_student(db, actor.id, ids.clone()).await?;
    let answered = store::answered(db, own.values().map(|row| row.id)).await?;
    let counts = store::question_counts(db, ids).await?;
    let entry = |row: assignment::Model| {
        let standing = own.get(&row.id).map(|own| standing_of(ctx, own, &answered));
        Some(Mine {
            place: place(&row, courses.get(&row.course_id)?),
            terms: terms(ctx, &row),
            questions: counts.get(&row.id).copied().unwrap_or_default(),
            published: row.grades_published_at.map(|at| ctx.moment(at)),
            standing,
        })
    };
    Ok(assignments.into_iter().filter_map(entry).collect())
}

fn order(dates: &Dates, id: AssignmentId, now: Timestamp) -> (bool, Timestamp, AssignmentId) {
    let over = !dates.takes_answers(now);
    let date = dates.due_at.or(dates.end()).unwrap_or(Timestamp(i64::MAX));
    // What is over is read backwards: the latest first.
    (over, if over { Timestamp(date.0.saturating_neg()) } else { date }, id)
}

async fn standing(ctx: &Ctx, row: &submission::Model) -> AppResult<Standing> {
    let answered = store::answered(ctx.db(), [row.id]).await?;
    Ok(standing_of(ctx, row, &answered))
}

fn standing_of(ctx: &Ctx, row: &submission::Model, answered: &HashMap<SubmissionId, u32>) -> Standing {
    Standing {
        submission: row.id,
        answered: answered.get(&row.id).copied().unwrap_or_default(),
        submitted: row.submitted_at.map(|at| ctx.moment(at)),
        late_percent: row.late_percent,
    }
}

/// The dates of an assignment as the reader sees them.
pub fn terms(ctx: &Ctx, row: &assignment::Model) -> Terms {
    let (dates, now) = (ctx.dates(row), ctx.now());
    let phase = dates.phase(now);
    Terms {
        phase,
        due: dates.due_at.map(|at| ctx.moment(at)),
        ends: dates.end().map(|at| ctx.moment(at)),
        late_percent_per_day: row.late_percent_per_day,
        late_percent_now: if phase == Phase::Late {
            dates.late_percent(now, row.late_percent_per_day)
        } else {
            0
        },
        now: ctx.moment(now),
    }
}

fn place(assignment: &assignment::Model, course: &course::Model) -> Whereabouts {
    Whereabouts {
        assignment: assignment.id,
        title: assignment.title.clone(),
        course: course.id,
        course_code: course.code.clone(),
        course_title: course.title.clone(),
    }
}

async fn course(ctx: &Ctx, id: CourseId) -> AppResult<course::Model> {
    course::Entity::find_by_id(id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The course"))
}

fn preview(question: QuestionPaper) -> Preview {
    let kind = match question.paper {
        Paper::ShortAnswer { .. } => QuestionKind::ShortAnswer,
        Paper::SingleChoice { .. } => QuestionKind::SingleChoice,
        Paper::MultipleChoice { .. } => QuestionKind::MultipleChoice,
        Paper::TrueFalse => QuestionKind::TrueFalse,
        Paper::Numeric { .. } => QuestionKind::Numeric,
    };
    Preview {
        position: question.position,
        kind,
        points: question.points,
        rubric: question.rubric,
    }
}
