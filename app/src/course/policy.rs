//! Who may do what in a course. Every service asks here, and only here.

use crate::course::model::Role;
use crate::entity::{assignment, course, question, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, CourseId, QuestionId, SubmissionId};
use crate::platform::{Actor, Ctx};
use sea_orm::EntityTrait;

/// What somebody wants to do in a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// See that the course exists and what it is called.
    See,
    /// Answer as a student.
    Attend,
    /// See everyone's answers, review and grade.
    Grade,
    /// Change the course, its people and its assignments; publish.
    Teach,
}

/// The role under which the actor acts in the course.
pub async fn role(ctx: &Ctx, course: CourseId) -> AppResult<Option<Role>> {
    let actor = ctx.actor()?;
    let role = super::store::role_of(ctx.db(), course, actor.id).await?;
    Ok(acting_as(actor, role))
}

/// Administrators teach where they are not enrolled.
fn acting_as(actor: &Actor, role: Option<Role>) -> Option<Role> {
    role.or(actor.is_admin.then_some(Role::Teacher))
}

/// The role, if it suffices for the duty.
pub async fn require(ctx: &Ctx, course: CourseId, duty: Duty) -> AppResult<Role> {
    suffices(role(ctx, course).await?, duty)
}

fn suffices(role: Option<Role>, duty: Duty) -> AppResult<Role> {
    let Some(role) = role else {
        return Err(AppError::forbidden("You are not part of this course."));
    };
    let allowed = match duty {
        Duty::See => true,
        Duty::Attend => role == Role::Student,
        Duty::Grade => role.is_staff(),
        Duty::Teach => role == Role::Teacher,
    };
    match (allowed, duty) {
        (true, _) => Ok(role),
        (false, Duty::Attend) => Err(AppError::forbidden("Only students of this course can answer.")),
        (false, Duty::Grade) => Err(AppError::forbidden(
            "Only teachers and assistants of this course can see this.",
        )),
        (false, _) => Err(AppError::forbidden("Only teachers of this course can do this.")),
    }
}

/// The course, if the actor may.
pub async fn course(ctx: &Ctx, id: CourseId, duty: Duty) -> AppResult<(course::Model, Role)> {
    ctx.actor()?;
    let found = course::Entity::find_by_id(id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The course"))?;
    Ok((found, require(ctx, id, duty).await?))
}

/// The assignment, if the actor may. A student only sees published ones.
pub async fn assignment(ctx: &Ctx, id: AssignmentId, duty: Duty) -> AppResult<(assignment::Model, Role)> {
    let actor = ctx.actor()?;
    let (found, role) = super::store::assignment_and_role(ctx.db(), id, actor.id)
        .await?
        .ok_or_else(no_assignment)?;
    let role = visible(ctx, &found, acting_as(actor, role), duty)?;
    Ok((found, role))
}

fn visible(ctx: &Ctx, assignment: &assignment::Model, role: Option<Role>, duty: Duty) -> AppResult<Role> {
    let role = suffices(role, duty)?;
    let shown = role.is_staff() || assignment.published_at.is_some_and(|at| at <= ctx.now());
    if shown { Ok(role) } else { Err(no_assignment()) }
}

fn no_assignment() -> AppError {
    AppError::not_found("The assignment")
}

/// The question and its assignment, if the actor may.
pub async fn question(ctx: &Ctx, id: QuestionId, duty: Duty) -> AppResult<(question::Model, assignment::Model, Role)> {
    ctx.actor()?;
    let found = question::Entity::find_by_id(id)
        .one(ctx.db())
        .await?
        .ok_or_else(|| AppError::not_found("The question"))?;
    let (assignment, role) = assignment(ctx, found.assignment_id, duty).await?;
    Ok((found, assignment, role))
}

/// The submission: its own student, or staff of the course.
pub async fn submission(ctx: &Ctx, id: SubmissionId) -> AppResult<(submission::Model, assignment::Model, Role)> {
    let actor = ctx.actor()?;
    let (found, assignment, role) = super::store::submission_and_role(ctx.db(), id, actor.id)
        .await?
        .ok_or_else(|| AppError::not_found("The submission"))?;
    let role = visible(ctx, &assignment, acting_as(actor, role), Duty::See)?;
    if found.user_id == actor.id || role.is_staff() {
        Ok((found, assignment, role))
    } else {
        Err(AppError::forbidden("This submission belongs to somebody else."))
    }
}

/// The submission, only for the student who writes it.
pub async fn own_submission(ctx: &Ctx, id: SubmissionId) -> AppResult<(submission::Model, assignment::Model)> {
    let (found, assignment, _) = submission(ctx, id).await?;
    if found.user_id == ctx.actor()?.id {
        Ok((found, assignment))
    } else {
        Err(AppError::forbidden(
            "Only the student who writes this submission can change it.",
        ))
    }
}
