//! The demo institution: invented people, real work. Everything goes through the services, with the clock set back to when it happened, so
//! that receipts, journal and audit log are what they would be.
//!
//! Three assignments: one graded and partly reviewed, one handed in and waiting for the teacher to start grading, one open.

mod assignment;
mod content;

use crate::worker::Worker;
use anyhow::Context;
use app::account::service::{NewUser, create_user};
use app::course::form::CourseForm;
use app::course::model::Role;
use app::entity::{enrolment, user};
use app::ids::{CourseId, EnrolmentId, UserId};
use app::platform::clock::Clock;
use app::platform::{Ctx, password};
use app::settings::model::Institution;
use app::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::HashMap;

/// Of every demo account. The demo listens on this machine alone and says on every page what it is.
pub const PASSWORD: &str = "demo-password";
const ADMIN: &str = "admin@demo.example";

/// What the seeder knows while it works.
pub(crate) struct Seeder<'a> {
    ctx: &'a Ctx,
    worker: &'a Worker,
    users: HashMap<String, user::Model>,
    courses: HashMap<String, CourseId>,
}

/// Fills an empty database. `worker` grades what is already graded in the demo.
pub async fn run(ctx: &Ctx, worker: &Worker) -> anyhow::Result<()> {
    anyhow::ensure!(
        !app::account::store::any(ctx.db()).await?,
        "the database already has users; the demo wants an empty one"
    );
    let content: content::Institution = serde_json::from_str(content::INSTITUTION)?;
    let institution = Institution {
        name: content.name.clone(),
        time_zone: content.time_zone.clone(),
        self_registration: true,
        demo: true,
        verified_email: false,
    };
    app::settings::store::save_institution(ctx.db(), &institution, ctx.now()).await?;
    ctx.state.institution.forget();
    // Anew, with the institution's time zone.
    let ctx = &Ctx::system(ctx.state.clone()).await?;
    let mut seeder = Seeder {
        ctx,
        worker,
        users: HashMap::new(),
        courses: HashMap::new(),
    };
    seeder.people(&content).await?;
    for course in &content.courses {
        seeder.course(course).await?;
    }
    for text in content::ASSIGNMENTS {
        let assignment: content::Assignment = serde_json::from_str(text)?;
        seeder
            .assignment(&assignment)
            .await
            .with_context(|| assignment.title.clone())?;
    }
    Ok(())
}

/// Who can sign in, for the console.
pub fn logins() -> String {
    let Ok(content) = serde_json::from_str::<content::Institution>(content::INSTITUTION) else {
        return String::new();
    };
    let lines = content
        .demo_logins
        .iter()
        .map(|(role, email)| format!("  {:14} {email}", role.replace('_', " ")));
    format!(
        "Demo logins, all with the password \"{PASSWORD}\":\n{}",
        lines.collect::<Vec<_>>().join("\n")
    )
}

impl Seeder<'_> {
    /// The context of somebody at some moment.
    pub(crate) fn at(&self, ago: i64, email: &str) -> anyhow::Result<Ctx> {
        let clock = Clock::default();
        clock.advance(-ago);
        let user = self
            .users
            .get(email)
            .with_context(|| format!("{email} is not in the demo"))?;
        let mut ctx = self.ctx.acting_as(user);
        ctx.state.clock = clock;
        Ok(ctx)
    }

    /// Everyone gets the same password, hashed once: it is no secret.
    async fn people(&mut self, content: &content::Institution) -> anyhow::Result<()> {
        let admin = NewUser {
            email: content.administrator.email.clone(),
            name: content.administrator.name.clone(),
            password: Some(PASSWORD.into()),
            is_admin: true,
        };
        let admin = create_user(self.ctx, admin).await?.user;
        let hash = password::hash(PASSWORD.into()).await?;
        let began = self.ctx.now().plus(-60 * Timestamp::DAY);
        let rows = content
            .teachers
            .iter()
            .chain(&content.students)
            .map(|person| user::Model {
                id: UserId::new(),
                email: person.email.clone(),
                name: person.name.clone(),
                password_hash: hash.clone(),
                is_admin: false,
                must_change_password: false,
                created_at: began,
                password_changed_at: began,
                deactivated_at: None,
                last_sign_in_at: None,
            });
        let rows: Vec<user::Model> = rows.collect();
        let insert = user::Entity::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model));
        insert.exec_without_returning(self.ctx.db()).await?;
        self.users = rows
            .into_iter()
            .chain([admin])
            .map(|user| (user.email.clone(), user))
            .collect();
        Ok(())
    }

    async fn course(&mut self, course: &content::Course) -> anyhow::Result<()> {
        let ctx = self.at(50 * Timestamp::DAY, ADMIN)?;
        let form = CourseForm {
            code: course.code.clone(),
            title: course.title.clone(),
            term: course.term.clone(),
            description: course.description.clone(),
        };
        let (id, _) = app::course::service::create(&ctx, form, None).await?;
        // The administrator made the course for others, and takes no part in it.
        enrolment::Entity::delete_many()
            .filter(enrolment::Column::CourseId.eq(id))
            .exec(ctx.db())
            .await?;
        let roles = [
            (&course.teachers, Role::Teacher),
            (&course.assistants, Role::Assistant),
            (&course.students, Role::Student),
        ];
        let mut rows = Vec::new();
        for (emails, role) in roles {
            for email in emails {
                let user = self
                    .users
                    .get(email)
                    .with_context(|| format!("{email} is not in the demo"))?;
                let row = enrolment::Model {
                    id: EnrolmentId::new(),
                    course_id: id,
                    user_id: user.id,
                    role,
                    created_at: ctx.now(),
                };
                rows.push(row.into_active_model());
            }
        }
        enrolment::Entity::insert_many(rows)
            .exec_without_returning(ctx.db())
            .await?;
        self.courses.insert(course.code.clone(), id);
        Ok(())
    }
}
