//! Queries about courses and enrolments.

use crate::course::model::Role;
use crate::course::shape::PeopleQuery;
use crate::entity::{assignment, course, enrolment, grade, question, submission, user};
use crate::error::AppResult;
use crate::ids::{AssignmentId, CourseId, SubmissionId, UserId};
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};
use std::collections::HashMap;

pub const PAGE: u64 = 50;

pub async fn role_of(db: &impl ConnectionTrait, course: CourseId, user: UserId) -> AppResult<Option<Role>> {
    let row = enrolment::Entity::find()
        .filter(enrolment::Column::CourseId.eq(course))
        .filter(enrolment::Column::UserId.eq(user))
        .one(db)
        .await?;
    Ok(row.map(|row| row.role))
}

/// An assignment and the role somebody has in its course, in one question: it stands before almost everything people do.
pub async fn assignment_and_role(
    db: &impl ConnectionTrait,
    id: AssignmentId,
    user: UserId,
) -> AppResult<Option<(assignment::Model, Option<Role>)>> {
    let found = assignment::Entity::find_by_id(id)
        .join(JoinType::LeftJoin, enrolled(user))
        .select_also(enrolment::Entity)
        .one(db)
        .await?;
    Ok(found.map(|(assignment, row)| (assignment, row.map(|row| row.role))))
}

/// The same from a submission.
pub async fn submission_and_role(
    db: &impl ConnectionTrait,
    id: SubmissionId,
    user: UserId,
) -> AppResult<Option<(submission::Model, assignment::Model, Option<Role>)>> {
    let of_assignment = submission::Entity::belongs_to(assignment::Entity)
        .from(submission::Column::AssignmentId)
        .to(assignment::Column::Id);
    let found = submission::Entity::find_by_id(id)
        .join(JoinType::InnerJoin, of_assignment.into())
        .join(JoinType::LeftJoin, enrolled(user))
        .column_as(enrolment::Column::Role, "role")
        .select_also(assignment::Entity)
        .into_model::<WithRole, assignment::Model>()
        .one(db)
        .await?;
    Ok(found.and_then(|(row, assignment)| Some((row.submission, assignment?, row.role))))
}

#[derive(FromQueryResult)]
struct WithRole {
    #[sea_orm(nested)]
    submission: submission::Model,
    role: Option<Role>,
}

/// From an assignment to somebody's place in its course.
fn enrolled(user: UserId) -> RelationDef {
    assignment::Entity::belongs_to(enrolment::Entity)
        .from(assignment::Column::CourseId)
        .to(enrolment::Column::CourseId)
        .on_condition(move |_, enrolments| {
            Expr::col((enrolments, enrolment::Column::UserId))
                .eq(user)
                .into_condition()
        })
        .into()
}

/// Whether somebody teaches any course.
pub async fn teaches(db: &impl ConnectionTrait, user: UserId) -> AppResult<bool> {
    let query = enrolment::Entity::find()
        .filter(enrolment::Column::UserId.eq(user))
        .filter(enrolment::Column::Role.eq(Role::Teacher));
    Ok(query.count(db).await? > 0)
}

/// Which of these people teach any course.
pub async fn teachers_among(db: &impl ConnectionTrait, users: Vec<UserId>) -> AppResult<Vec<UserId>> {
    let rows = enrolment::Entity::find()
        .filter(enrolment::Column::UserId.is_in(users))
        .filter(enrolment::Column::Role.eq(Role::Teacher))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

/// The courses somebody takes part in, newest first.
pub async fn of_user(db: &impl ConnectionTrait, user: UserId) -> AppResult<Vec<(course::Model, Role)>> {
    let rows = enrolment::Entity::find()
        .filter(enrolment::Column::UserId.eq(user))
        .join(JoinType::InnerJoin, to_course())
        .select_also(course::Entity)
        .order_by_desc(course::Column::Id)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(enrolment, course)| course.map(|course| (course, enrolment.role)))
        .collect())
}

/// A page of all courses, newest first, and one more.
pub async fn page(db: &impl ConnectionTrait, archived: bool, after: Option<CourseId>) -> AppResult<Vec<course::Model>> {
    let mut query = course::Entity::find().order_by_desc(course::Column::Id).limit(PAGE + 1);
    query = match archived {
        true => query.filter(course::Column::ArchivedAt.is_not_null()),
        false => query.filter(course::Column::ArchivedAt.is_null()),
    };
    if let Some(after) = after {
        query = query.filter(course::Column::Id.lt(after));
    }
    Ok(query.all(db).await?)
}

/// Another course in use with the same code in the same term.
pub async fn same_code(db: &impl ConnectionTrait, code: &str, term: &str, but: Option<CourseId>) -> AppResult<bool> {
    let rows = course::Entity::find()
        .filter(course::Column::Code.eq(code))
        .filter(course::Column::ArchivedAt.is_null())
        .all(db)
        .await?;
    Ok(rows
        .iter()
        .any(|row| Some(row.id) != but && row.term.eq_ignore_ascii_case(term)))
}

#[derive(FromQueryResult)]
struct RoleCount {
    course_id: CourseId,
    role: Role,
    number: i64,
}

/// How many people have which role, per course.
pub async fn head_counts(
    db: &impl ConnectionTrait,
    courses: Vec<CourseId>,
) -> AppResult<HashMap<(CourseId, Role), u32>> {
    let rows = enrolment::Entity::find()
        .select_only()
        .column(enrolment::Column::CourseId)
        .column(enrolment::Column::Role)
        .column_as(enrolment::Column::Id.count(), "number")
        .filter(enrolment::Column::CourseId.is_in(courses))
        .group_by(enrolment::Column::CourseId)
        .group_by(enrolment::Column::Role)
        .into_model::<RoleCount>()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.course_id, row.role), row.number as u32))
        .collect())
}

#[derive(FromQueryResult)]
struct CourseCount {
    course_id: CourseId,
    number: i64,
}

/// How many assignments there are per course; only those students see, when `shown_at` is given.
pub async fn assignment_counts(
    db: &impl ConnectionTrait,
    courses: Vec<CourseId>,
    shown_at: Option<Timestamp>,
) -> AppResult<HashMap<CourseId, u32>> {
    let mut query = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::CourseId)
        .column_as(assignment::Column::Id.count(), "number")
        .filter(assignment::Column::CourseId.is_in(courses))
        .group_by(assignment::Column::CourseId);
    if let Some(now) = shown_at {
        query = query.filter(assignment::Column::PublishedAt.lte(now));
    }
    let rows = query.into_model::<CourseCount>().all(db).await?;
    Ok(rows.into_iter().map(|row| (row.course_id, row.number as u32)).collect())
}

/// The assignments of a course: those due first come first, those without a date last.
pub async fn assignments(db: &impl ConnectionTrait, course: CourseId) -> AppResult<Vec<assignment::Model>> {
    let mut rows = assignment::Entity::find()
        .filter(assignment::Column::CourseId.eq(course))
        .all(db)
        .await?;
    rows.sort_by_key(|row| (row.due_at.is_none(), row.due_at, row.id));
    Ok(rows)
}

#[derive(FromQueryResult)]
struct AssignmentCount {
    assignment_id: AssignmentId,
    number: i64,
}

fn counted(rows: Vec<AssignmentCount>) -> HashMap<AssignmentId, u32> {
    rows.into_iter()
        .map(|row| (row.assignment_id, row.number as u32))
        .collect()
}

pub async fn question_counts(
    db: &impl ConnectionTrait,
    assignments: Vec<AssignmentId>,
) -> AppResult<HashMap<AssignmentId, u32>> {
    let query = question::Entity::find()
        .select_only()
        .column(question::Column::AssignmentId)
        .column_as(question::Column::Id.count(), "number")
        .filter(question::Column::AssignmentId.is_in(assignments))
        .group_by(question::Column::AssignmentId);
    Ok(counted(query.into_model().all(db).await?))
}

/// How many submissions were handed in.
pub async fn submitted_counts(
    db: &impl ConnectionTrait,
    assignments: Vec<AssignmentId>,
) -> AppResult<HashMap<AssignmentId, u32>> {
    let query = submission::Entity::find()
        .select_only()
        .column(submission::Column::AssignmentId)
        .column_as(submission::Column::Id.count(), "number")
        .filter(submission::Column::AssignmentId.is_in(assignments))
        .filter(submission::Column::SubmittedAt.is_not_null())
        .group_by(submission::Column::AssignmentId);
    Ok(counted(query.into_model().all(db).await?))
}

/// How many grades wait for a person.
pub async fn waiting_counts(
    db: &impl ConnectionTrait,
    assignments: Vec<AssignmentId>,
) -> AppResult<HashMap<AssignmentId, u32>> {
    let query = grade::Entity::find()
        .select_only()
        .column(grade::Column::AssignmentId)
        .column_as(grade::Column::Id.count(), "number")
        .filter(grade::Column::AssignmentId.is_in(assignments))
        .filter(grade::Column::ReviewState.eq("waiting"))
        .group_by(grade::Column::AssignmentId);
    Ok(counted(query.into_model().all(db).await?))
}

/// Which of the assignments somebody began, and whether they handed in.
pub async fn submitted_by(
    db: &impl ConnectionTrait,
    assignments: Vec<AssignmentId>,
    user: UserId,
) -> AppResult<HashMap<AssignmentId, bool>> {
    let rows = submission::Entity::find()
        .filter(submission::Column::UserId.eq(user))
        .filter(submission::Column::AssignmentId.is_in(assignments))
        .all(db)
        .await?;
    let mut found = HashMap::new();
    for row in rows {
        *found.entry(row.assignment_id).or_insert(false) |= row.submitted_at.is_some();
    }
    Ok(found)
}

/// The names of a course's teachers.
pub async fn teachers(db: &impl ConnectionTrait, course: CourseId) -> AppResult<Vec<String>> {
    let rows = members(course)
        .filter(enrolment::Column::Role.eq(Role::Teacher))
        .select_also(user::Entity)
        .all(db)
        .await?;
    let mut names: Vec<_> = rows
        .into_iter()
        .filter_map(|(_, user)| user.map(|user| user.name))
        .collect();
    names.sort();
    Ok(names)
}

/// People by name from a cursor on, one more than a page; backwards when `before` is given.
pub async fn people(
    db: &impl ConnectionTrait,
    course: CourseId,
    query: &PeopleQuery,
) -> AppResult<Vec<(enrolment::Model, user::Model)>> {
    let mut select = members(course);
    if let Some(role) = query.role {
        select = select.filter(enrolment::Column::Role.eq(role));
    }
    if !query.search.is_empty() {
        select = select.filter(matches(&query.search));
    }
    let backwards = query.before.is_some();
    if let Some(edge) = query.before.or(query.after)
        && let Some(edge) = user::Entity::find_by_id(edge).one(db).await?
    {
        select = select.filter(beyond(&edge, backwards));
    }
    let order = if backwards { Order::Desc } else { Order::Asc };
    let rows = select
        .select_also(user::Entity)
        .order_by(user::Column::Name, order.clone())
        .order_by(user::Column::Id, order)
        .limit(PAGE + 1)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(enrolment, user)| user.map(|user| (enrolment, user)))
        .collect())
}

/// A user whose name or address contains the text.
pub fn matches(search: &str) -> Condition {
    Condition::any()
        .add(user::Column::Name.contains(search))
        .add(user::Column::Email.contains(search))
}

/// Users after (or before) one in the order of names.
pub fn beyond(edge: &user::Model, backwards: bool) -> Condition {
    let (name, id) = (user::Column::Name, user::Column::Id);
    let same = Condition::all().add(name.eq(&edge.name));
    if backwards {
        Condition::any().add(name.lt(&edge.name)).add(same.add(id.lt(edge.id)))
    } else {
        Condition::any().add(name.gt(&edge.name)).add(same.add(id.gt(edge.id)))
    }
}

/// People of a course whose one-time password was made at one instant.
pub async fn just_made(db: &impl ConnectionTrait, course: CourseId, at: Timestamp) -> AppResult<Vec<user::Model>> {
    let rows = members(course)
        .filter(user::Column::PasswordChangedAt.eq(at))
        .filter(user::Column::MustChangePassword.eq(true))
        .select_also(user::Entity)
        .order_by_asc(user::Column::Name)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(_, user)| user).collect())
}

/// How many teachers of a course can still sign in.
pub async fn active_teachers(db: &impl ConnectionTrait, course: CourseId) -> AppResult<Vec<UserId>> {
    let rows = members(course)
        .filter(enrolment::Column::Role.eq(Role::Teacher))
        .filter(user::Column::DeactivatedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

fn members(course: CourseId) -> Select<enrolment::Entity> {
    enrolment::Entity::find()
        .join(JoinType::InnerJoin, to_user())
        .filter(enrolment::Column::CourseId.eq(course))
}

fn to_user() -> RelationDef {
    enrolment::Entity::belongs_to(user::Entity)
        .from(enrolment::Column::UserId)
        .to(user::Column::Id)
        .into()
}

fn to_course() -> RelationDef {
    enrolment::Entity::belongs_to(course::Entity)
        .from(enrolment::Column::CourseId)
        .to(course::Column::Id)
        .into()
}

/// Changes one enrolment's role; whether there was one.
pub async fn set_role(db: &impl ConnectionTrait, course: CourseId, user: UserId, role: Role) -> AppResult<bool> {
    let done = enrolment::Entity::update_many()
        .col_expr(enrolment::Column::Role, Expr::value(role))
        .filter(enrolment::Column::CourseId.eq(course))
        .filter(enrolment::Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}
