//! What the scenario needs in the database before it starts, and what must stand there afterwards.

use crate::report::Results;
use anyhow::{Context, ensure};
use app::assignment::content::AssignmentContent;
use app::course::model::Role;
use app::entity::{answer, assignment, enrolment, grade, journal_entry, submission, user};
use app::ids::{AssignmentId, CourseId, EnrolmentId, QuestionId, UserId};
use app::platform::{Ctx, password};
use app::points::Points;
use app::question::content::QuestionContent;
use app::question::model::Key;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use serde_json::json;
use std::time::{Duration, Instant};

pub const PASSWORD: &str = "load-scenario-password";

pub struct Place {
    pub assignment: AssignmentId,
    pub question: QuestionId,
    /// Sets the accounts of this run apart from those of earlier ones.
    mark: String,
}

impl Place {
    pub fn email(&self, number: usize) -> String {
        format!("load-{}-{number}@demo.example", self.mark)
    }
}

/// A course with an open assignment and its students, straight into the database.
pub async fn prepare(ctx: &Ctx, students: usize) -> anyhow::Result<Place> {
    let admin = user::Entity::find()
        .filter(user::Column::IsAdmin.eq(true))
        .one(ctx.db())
        .await?
        .context("the server has no administrator yet")?;
    let ctx = ctx.acting_as(&admin);
    let mark = uuid::Uuid::now_v7().simple().to_string()[..12].to_owned();
    let form = serde_json::from_value(json!({ "code": format!("LOAD-{mark}"), "title": "Load scenario" }))?;
    let (course, _) = app::course::service::create(&ctx, form, None).await?;
    let content = AssignmentContent {
        title: "Load".into(),
        instructions: String::new(),
        due_at: Some(ctx.now().plus(app::time::Timestamp::DAY)),
        closes_at: None,
        late_percent_per_day: 0,
        show_distribution: false,
    };
    let assignment = app::assignment::service::create(&ctx, course, content).await?;
    let question = QuestionContent {
        prompt: "What happens when many people type at once?".into(),
        points: Points(400),
        key: Key::ShortAnswer { allow_file: true },
        references: vec!["Every change is written to the journal before it is acknowledged.".into()],
        rubric: Vec::new(),
    };
    let question = app::question::service::add_with(&ctx, assignment, question).await?;
    let place = Place {
        assignment,
        question,
        mark,
    };
    enrol(&ctx, course, students, &place).await?;
    app::assignment::service::publish(&ctx, assignment, None).await?;
    // Open for an hour already: on a server whose clock is behind, it would else not be there yet.
    assignment::Entity::update_many()
        .col_expr(
            assignment::Column::PublishedAt,
            Expr::value(ctx.now().plus(-app::time::Timestamp::HOUR)),
        )
        .filter(assignment::Column::Id.eq(assignment))
        .exec(ctx.db())
        .await?;
    Ok(place)
}

async fn enrol(ctx: &Ctx, course: CourseId, students: usize, place: &Place) -> anyhow::Result<()> {
    let (hash, now) = (password::hash(PASSWORD.into()).await?, ctx.now());
    let sample = app::account::store::by_id(ctx.db(), ctx.actor()?.id)
        .await?
        .context("the administrator is gone")?;
    let users: Vec<user::Model> = (0..students)
        .map(|number| {
            // Whatever else an account has stays as a fresh one has it.
            let mut user = sample.clone();
            user.id = UserId::new();
            user.email = place.email(number);
            user.name = format!("Load student {number}");
            user.password_hash.clone_from(&hash);
            (user.is_admin, user.must_change_password) = (false, false);
            (user.created_at, user.password_changed_at) = (now, now);
            (user.deactivated_at, user.last_sign_in_at) = (None, None);
            user
        })
        .collect();
    let places = users.iter().map(|user| {
        let row = enrolment::Model {
            id: EnrolmentId::new(),
            course_id: course,
            user_id: user.id,
            role: Role::Student,
            created_at: now,
        };
        row.into_active_model()
    });
    let places: Vec<_> = places.collect();
    user::Entity::insert_many(users.into_iter().map(IntoActiveModel::into_active_model))
        .exec_without_returning(ctx.db())
        .await?;
    enrolment::Entity::insert_many(places)
        .exec_without_returning(ctx.db())
        .await?;
    Ok(())
}

/// What was acknowledged, and how much of it the database holds.
#[derive(Serialize)]
pub struct Kept {
    changes_acknowledged: usize,
    changes_found: usize,
    submissions_acknowledged: usize,
    submissions_found: usize,
    graded: usize,
    graded_twice: usize,
    /// Submissions that must have been graded by now.
    expected_graded: usize,
}

impl Kept {
    pub fn ensure_whole(&self) -> anyhow::Result<()> {
        ensure!(
            self.changes_found == self.changes_acknowledged,
            "acknowledged changes are missing"
        );
        ensure!(
            self.submissions_found == self.submissions_acknowledged,
            "acknowledged submissions are missing"
        );
        ensure!(
            self.graded >= self.expected_graded,
            "submitted answers were not graded in time"
        );
        ensure!(self.graded_twice == 0, "answers were graded twice");
        Ok(())
    }
}

/// Looks up everything acknowledged, on the primary, and waits at most `patience` for grades.
pub async fn check(ctx: &Ctx, place: &Place, results: &Results, patience: Duration) -> anyhow::Result<Kept> {
    let (changes, submitted) = results.acknowledged();
    let mut changes_found = 0;
    for part in changes.chunks(500) {
        let found = journal_entry::Entity::find().filter(journal_entry::Column::Id.is_in(part.iter().copied()));
        changes_found += found.count(ctx.db()).await? as usize;
    }
    let mut submissions_found = 0;
    for part in submitted.chunks(500) {
        let found = submission::Entity::find()
            .filter(submission::Column::Id.is_in(part.iter().copied()))
            .filter(submission::Column::SubmittedAt.is_not_null());
        submissions_found += found.count(ctx.db()).await? as usize;
    }
    let (mut graded, mut graded_twice) = (0, 0);
    let expected_graded = if patience.is_zero() { 0 } else { submitted.len() };
    let until = Instant::now() + patience;
    while !submitted.is_empty() {
        let answers: Vec<app::ids::AnswerId> = answer::Entity::find()
            .select_only()
            .column(answer::Column::Id)
            .filter(answer::Column::QuestionId.eq(place.question))
            .into_tuple()
            .all(ctx.db())
            .await?;
        let mut seen: Vec<app::ids::AnswerId> = Vec::new();
        for part in answers.chunks(500) {
            let rows = grade::Entity::find().filter(grade::Column::AnswerId.is_in(part.iter().copied()));
            seen.extend(rows.all(ctx.db()).await?.into_iter().map(|row| row.answer_id));
        }
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        (graded, graded_twice) = (seen.len(), all - seen.len());
        if graded >= expected_graded || Instant::now() > until {
            break;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(Kept {
        changes_acknowledged: changes.len(),
        changes_found,
        submissions_acknowledged: submitted.len(),
        submissions_found,
        graded,
        graded_twice,
        expected_graded,
    })
}

impl std::fmt::Display for Kept {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "kept       {} of {} acknowledged changes, {} of {} submissions, {} graded, {} graded twice",
            self.changes_found,
            self.changes_acknowledged,
            self.submissions_found,
            self.submissions_acknowledged,
            self.graded,
            self.graded_twice
        )
    }
}
