//! Bringing people into a course, one or a thousand, all or none.
//!
//! First it is planned what would happen to each; passwords are hashed; then, in one transaction, it is planned again (the
//! world may have moved) and done.

use crate::admin::one_time::{self, Batch};
use crate::audit::store::{Act, record};
use crate::course::import::people::Newcomer;
use crate::course::import::{MOST_PROBLEMS, Outcome, Planned, Preview, Problem};
use crate::course::model::Role;
use crate::course::shape::NewAccount;
use crate::course::store;
use crate::entity::{course, enrolment, user};
use crate::error::{AppError, AppResult, FieldError};
use crate::ids::{EnrolmentId, UserId};
use crate::platform::Ctx;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// The accounts that were made, and the batch that knows their passwords.
#[derive(Clone, Debug)]
pub struct Enrolled {
    pub joined: u32,
    pub batch: Batch,
    pub accounts: Vec<NewAccount>,
}

/// What would happen to everyone, and who cannot come. Tells the problem of a person at column `column`.
pub async fn plan(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    course: &course::Model,
    people: &[Newcomer],
    column: &str,
) -> AppResult<Plan> {
    let emails: Vec<&str> = people.iter().map(|person| person.email.as_str()).collect();
    let known = user::Entity::find()
        .filter(user::Column::Email.is_in(emails))
        .all(db)
        .await?;
    let ids: Vec<UserId> = known.iter().map(|user| user.id).collect();
    let here = enrolment::Entity::find()
        .filter(enrolment::Column::CourseId.eq(course.id))
        .filter(enrolment::Column::UserId.is_in(ids.clone()))
        .all(db)
        .await?;
    let here: HashMap<UserId, Role> = here.into_iter().map(|row| (row.user_id, row.role)).collect();
    let teachers: HashSet<UserId> = store::teachers_among(db, ids).await?.into_iter().collect();
    let by_email: HashMap<&str, &user::Model> = known.iter().map(|user| (user.email.as_str(), user)).collect();
    let admin = ctx.actor()?.is_admin;

    let mut plan = Plan::default();
    for person in people {
        let user = by_email.get(person.email.as_str()).copied();
        let role_here = user.and_then(|user| here.get(&user.id).copied());
        let may_teach = admin || user.is_some_and(|user| teachers.contains(&user.id));
        let mut refuse = |message: String| {
            plan.problems.push(Problem {
                line: person.line,
                column: column.to_owned(),
                message,
            })
        };
        let outcome = match (user, role_here) {
            (_, Some(role)) => Outcome::Stays(role),
            (Some(user), None) if user.deactivated_at.is_some() => {
                refuse(format!(
                    "The account of {} is deactivated. Ask an administrator.",
                    person.email
                ));
                continue;
            }
            _ if person.role == Role::Teacher && !may_teach => {
                refuse(format!(
                    "{} does not teach any course yet. Only an administrator can make somebody a teacher.",
                    person.email
                ));
                continue;
            }
            (Some(_), None) => Outcome::Joins,
            (None, None) if person.name.is_empty() => {
                refuse(format!(
                    "Nobody has an account with {}. Enter a name to make one.",
                    person.email
                ));
                continue;
            }
            (None, None) => Outcome::NewAccount,
        };
        let name = user.map_or_else(|| person.name.clone(), |user| user.name.clone());
        plan.users.extend(user.map(|user| (user.email.clone(), user.id)));
        plan.rows.push(Planned {
            line: person.line,
            email: person.email.clone(),
            name,
            role: person.role,
            outcome,
        });
    }
    Ok(plan)
}

/// What will happen, before anything does.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub problems: Vec<Problem>,
    /// Ids of the accounts that exist, by address.
    users: HashMap<String, UserId>,
}

impl Plan {
    /// For the eyes; problems of reading the table come first.
    pub fn into_preview(self, course: &course::Model, read: Vec<Problem>, ignored: Vec<String>) -> Preview {
        let mut problems: Vec<Problem> = read.into_iter().chain(self.problems).collect();
        problems.sort_by_key(|problem| problem.line);
        let more = problems.len().saturating_sub(MOST_PROBLEMS) as u32;
        problems.truncate(MOST_PROBLEMS);
        Preview {
            course: course.id,
            rows: self.rows,
            problems,
            more_problems: more,
            ignored,
        }
    }

    fn refused(&self) -> AppResult<()> {
        let place = |problem: &Problem| {
            if problem.line == 0 {
                problem.column.clone()
            } else {
                format!("line {}, {}", problem.line, problem.column)
            }
        };
        AppError::from_fields(
            self.problems
                .iter()
                .map(|problem| FieldError {
                    field: place(problem),
                    message: problem.message.clone(),
                })
                .collect(),
        )
    }

    fn new_emails(&self) -> Vec<&str> {
        self.rows
            .iter()
            .filter(|row| row.outcome == Outcome::NewAccount)
            .map(|row| row.email.as_str())
            .collect()
    }
}

/// Brings everyone in; nobody when anyone cannot come. `action` is what the audit log calls it.
pub async fn enrol(
    ctx: &Ctx,
    course: &course::Model,
    people: &[Newcomer],
    column: &str,
    action: &str,
) -> AppResult<Enrolled> {
    let plan_before = plan(ctx, ctx.db(), course, people, column).await?;
    plan_before.refused()?;
    let batch = Batch::new(ctx.now());
    let hashes = batch.hashes(plan_before.new_emails()).await?;

    let tx = ctx.state.db.begin().await?;
    let now_planned = plan(ctx, &*tx, course, people, column).await?;
    now_planned.refused()?;
    let enrolled = write(ctx, &*tx, course, now_planned, &batch, hashes, action).await?;
    tx.commit().await?;
    Ok(enrolled)
}

/// Stores a new course together with its first people.
pub async fn found(ctx: &Ctx, course: &course::Model, people: &[Newcomer], column: &str) -> AppResult<Enrolled> {
    let plan_before = plan(ctx, ctx.db(), course, people, column).await?;
    plan_before.refused()?;
    let batch = Batch::new(ctx.now());
    let hashes = batch.hashes(plan_before.new_emails()).await?;

    let tx = ctx.state.db.begin().await?;
    if store::same_code(&*tx, &course.code, &course.term, None).await? {
        return Err(super::service::code_taken(&course.code, &course.term));
    }
    course::Entity::insert(course.clone().into_active_model().reset_all())
        .exec_without_returning(&*tx)
        .await?;
    let detail = json!({ "code": course.code, "title": course.title, "term": course.term });
    record(
        ctx,
        &*tx,
        Act {
            action: "course.create",
            target_kind: "course",
            target_id: course.id.to_string(),
            detail,
        },
    )
    .await?;
    let now_planned = plan(ctx, &*tx, course, people, column).await?;
    now_planned.refused()?;
    let enrolled = write(ctx, &*tx, course, now_planned, &batch, hashes, "course.enrol").await?;
    tx.commit().await?;
    Ok(enrolled)
}

async fn write(
    ctx: &Ctx,
    tx: &impl ConnectionTrait,
    course: &course::Model,
    plan: Plan,
    batch: &Batch,
    mut hashes: HashMap<String, String>,
    action: &str,
) -> AppResult<Enrolled> {
    let mut users = plan.users;
    let mut fresh = Vec::new();
    for row in plan.rows.iter().filter(|row| row.outcome == Outcome::NewAccount) {
        let hash = hashes
            .remove(&row.email)
            .ok_or_else(|| AppError::conflict("An account changed in the meantime. Nothing was changed; try again."))?;
        let account = batch.account(&row.email, &row.name, hash);
        users.insert(row.email.clone(), account.id);
        fresh.push(account);
    }
    let accounts: Vec<NewAccount> = fresh.iter().map(|account| one_time_account(batch, account)).collect();
    let made: Vec<UserId> = fresh.iter().map(|account| account.id).collect();
    one_time::insert(tx, fresh).await?;

    let joining: Vec<(UserId, Role)> = plan
        .rows
        .iter()
        .filter(|row| !matches!(row.outcome, Outcome::Stays(_)))
        .filter_map(|row| users.get(&row.email).map(|id| (*id, row.role)))
        .collect();
    if !joining.is_empty() {
        let rows = joining.iter().map(|(user, role)| enrolment::ActiveModel {
            id: Set(EnrolmentId::new()),
            course_id: Set(course.id),
            user_id: Set(*user),
            role: Set(*role),
            created_at: Set(batch.at),
        });
        enrolment::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await
            .map_err(|error| match crate::platform::db::is_duplicate(&error) {
                true => AppError::conflict(
                    "Somebody else has just enrolled one of these people. Nothing was changed; try again.",
                ),
                false => error.into(),
            })?;
    }
    let people: Vec<_> = joining
        .iter()
        .map(|(user, role)| json!({ "user": user, "role": role, "new": made.contains(user) }))
        .collect();
    let detail = json!({ "course": course.code, "people": people });
    record(
        ctx,
        tx,
        Act {
            action,
            target_kind: "course",
            target_id: course.id.to_string(),
            detail,
        },
    )
    .await?;
    Ok(Enrolled {
        joined: joining.len() as u32,
        batch: batch.clone(),
        accounts,
    })
}

/// The account with its password, as its maker is shown it.
pub fn one_time_account(batch: &Batch, account: &user::Model) -> NewAccount {
    NewAccount {
        name: account.name.clone(),
        email: account.email.clone(),
        password: batch.password(&account.email),
    }
}
