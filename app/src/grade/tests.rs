//! Stories about grading work, decisions, publishing and the gradebook.

mod gradebook;
mod publishing;
mod review;
mod work;

use super::model::{Decision, Evidence, QueueFilter, ReviewState, Suggestion};
use super::service::{self, Job};
use crate::course::model::Role;
use crate::entity::{answer, assignment, grade, grade_event, grading_work, question, submission};
use crate::ids::{AnswerId, AssignmentId, CourseId, QuestionId, SubmissionId, WorkId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::{AnswerValue, ChoiceOption, Key};
use crate::testing::{TestApp, id_of};
use crate::time::Timestamp;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

/// A class that has submitted: two questions of 4 points (free text and choice), one submission for each student.
pub(super) struct Class {
    pub teacher: Ctx,
    pub students: Vec<Ctx>,
    pub course: CourseId,
    pub assignment: AssignmentId,
    pub free: QuestionId,
    submissions: Vec<SubmissionId>,
}

async fn put<A>(app: &TestApp, row: A)
where
    A: ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    A::Entity::insert(row.reset_all())
        .exec_without_returning(app.ctx.db())
        .await
        .expect("a row");
}

pub(super) async fn class(app: &TestApp, students: usize) -> Class {
    let teacher = app.person("Tess").await;
    let course = app.course("BIO101", &teacher).await;
    let now = app.ctx.now();
    let assignment = AssignmentId::new();
    let row = assignment::Model {
        id: assignment,
        course_id: course,
        title: "Cells".into(),
        instructions: String::new(),
        due_at: Some(now.plus(-Timestamp::HOUR)),
        closes_at: None,
        late_percent_per_day: 10,
        show_distribution: true,
        published_at: Some(now.plus(-Timestamp::DAY)),
        grades_published_at: None,
        created_by: id_of(&teacher),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    put(app, row.into_active_model()).await;
    let (free, choice) = (QuestionId::new(), QuestionId::new());
    let options = vec![
        ChoiceOption {
            text: "Yes".into(),
            correct: true,
        },
        ChoiceOption {
            text: "No".into(),
            correct: false,
        },
    ];
    let keys = [
        (free, Key::ShortAnswer { allow_file: false }),
        (choice, Key::SingleChoice { options }),
    ];
    for (place, (id, key)) in keys.into_iter().enumerate() {
        let row = question::Model {
            id,
            assignment_id: assignment,
            position: place as i32 + 1,
            kind: key.kind().name().into(),
            prompt: "What is a cell?".into(),
            points: Points(400),
            settings: serde_json::to_string(&key).expect("json"),
            created_at: now,
            updated_at: now,
        };
        put(app, row.into_active_model()).await;
    }
    let mut class = Class {
        teacher,
        students: Vec::new(),
        course,
        assignment,
        free,
        submissions: Vec::new(),
    };
    for n in 0..students {
        let student = app.person(&format!("Student{n:02}")).await;
        app.enrol(course, &student, Role::Student).await;
        let submission = SubmissionId::new();
        let row = submission::Model {
            id: submission,
            assignment_id: assignment,
            user_id: id_of(&student),
            attempt: 1,
            started_at: now,
            submitted_at: Some(now),
            late_percent: if n == 0 { 10 } else { 0 },
            content_hash: None,
            receipt: None,
            updated_at: now,
        };
        put(app, row.into_active_model()).await;
        for (question, value) in [
            (
                free,
                AnswerValue::Text(format!("A cell is the unit of life, says {n}.")),
            ),
            (choice, AnswerValue::Choice(vec![0])),
        ] {
            let answer = AnswerId::new();
            let row = answer::Model {
                id: answer,
                submission_id: submission,
                question_id: question,
                value: serde_json::to_string(&value).expect("json"),
                revision: 1,
                updated_at: now,
            };
            put(app, row.into_active_model()).await;
            let row = grading_work::Model {
                id: WorkId::new(),
                answer_id: answer,
                submission_id: submission,
                question_id: question,
                assignment_id: assignment,
                state: "queued".into(),
                attempts: 0,
                claimed_by: None,
                lease_until: None,
                problem: None,
                created_at: now,
                finished_at: None,
            };
            put(app, row.into_active_model()).await;
        }
        class.students.push(student);
        class.submissions.push(submission);
    }
    class
}

/// 3 points at 50 % confidence for free text, all points by rule for the choice.
pub(super) fn suggest(job: &Job) -> Suggestion {
    let free = job.question.key.kind().is_free_text();
    Suggestion {
        points: Points(if free { 300 } else { 400 }),
        confidence: free.then_some(0.5),
        decision: if free { Decision::Review } else { Decision::Accept },
        reason: free.then(|| "unsure".into()),
        evidence: Evidence {
            why: "Because.".into(),
            reference: Some("The key".into()),
            ..Evidence::default()
        },
        model: if free { "test-model" } else { "rules-1" }.into(),
        input_hash: "1".repeat(64),
    }
}

async fn claim(app: &TestApp, worker: &str, most: u32) -> Vec<Job> {
    service::claim(&app.ctx, worker, most, LEASE).await.expect("claims")
}

pub(super) async fn grade_all(app: &TestApp) {
    loop {
        let batch: Vec<_> = claim(app, "w", 7)
            .await
            .into_iter()
            .map(|job| (job.clone(), suggest(&job)))
            .collect();
        if batch.is_empty() {
            return;
        }
        service::record_many(&app.ctx, &batch).await.expect("records");
    }
}

pub(super) async fn grades(app: &TestApp) -> Vec<grade::Model> {
    grade::Entity::find().all(app.ctx.db()).await.expect("grades")
}

async fn events(app: &TestApp) -> Vec<String> {
    grade_event::Entity::find()
        .all(app.ctx.db())
        .await
        .expect("events")
        .into_iter()
        .map(|event| event.kind)
        .collect()
}

fn waiting(question: Option<QuestionId>) -> QueueFilter {
    QueueFilter {
        question,
        state: ReviewState::Waiting,
        sample: false,
    }
}
