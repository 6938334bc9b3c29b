//! Stories about grading work, decisions, publishing and the gradebook.

use super::model::{Decision, Evidence, QueueFilter, ReviewState, Suggestion};
use super::service::{self, Job, Recorded};
use super::store;
use crate::course::model::Role;
use crate::entity::{answer, assignment, audit_entry, grade, grade_event, grading_work, question, submission};
use crate::error::ErrorKind;
use crate::ids::{AnswerId, AssignmentId, CourseId, QuestionId, SubmissionId, WorkId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::{AnswerValue, ChoiceOption, Key};
use crate::testing::{TestApp, id_of, on_each_database};
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

#[tokio::test]
async fn work_is_claimed_by_one_and_recorded_once() {
    on_each_database(|app| async move {
        let class = class(&app, 3).await;
        let (first, second) = (claim(&app, "a", 4).await, claim(&app, "b", 9).await);
        assert_eq!((first.len(), second.len()), (4, 2));
        assert!(claim(&app, "c", 9).await.is_empty());

        let batch: Vec<_> = first.iter().map(|job| (job.clone(), suggest(job))).collect();
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("records"),
            [Recorded::New; 4]
        );
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("says so"),
            [Recorded::Stale; 4]
        );
        assert_eq!((grades(&app).await.len(), events(&app).await.len()), (4, 4));

        // The second worker dies; when its lease is over another takes its work, and its late answer no longer counts.
        app.ctx.state.clock.advance(61 * Timestamp::SECOND);
        let again = claim(&app, "c", 9).await;
        assert_eq!(
            again.iter().map(|job| (job.work, job.attempt)).collect::<Vec<_>>(),
            second.iter().map(|job| (job.work, 2)).collect::<Vec<_>>()
        );
        assert_eq!(
            service::record(&app.ctx, &second[0], suggest(&second[0]))
                .await
                .expect("says so"),
            Recorded::Stale
        );
        assert_eq!(
            service::record(&app.ctx, &again[0], suggest(&again[0]))
                .await
                .expect("records"),
            Recorded::New
        );
        assert_eq!(service::release(&app.ctx, "c").await.expect("hands back"), 1);
        assert_eq!(claim(&app, "d", 9).await[0].attempt, 2, "handing back is no try");

        let progress = service::progress(&class.teacher, class.assignment)
            .await
            .expect("staff watch");
        assert_eq!(
            (progress.total(|row| row.graded), progress.total(|row| row.queued)),
            (5, 1)
        );
        assert_eq!(
            progress
                .questions
                .iter()
                .map(|row| row.bins.iter().flatten().sum::<u32>())
                .sum::<u32>(),
            5
        );
        assert_eq!(progress.questions[0].bins[7][2] + progress.questions[1].bins[9][0], 5);
        assert!(progress.sequence > 0 && !progress.recent.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_new_key_regrades_but_leaves_people_alone() {
    on_each_database(|app| async move {
        let class = class(&app, 2).await;
        grade_all(&app).await;
        let row = grades(&app)
            .await
            .into_iter()
            .find(|row| row.question_id == class.free)
            .expect("a grade");
        service::decide(&class.teacher, row.id, row.version, Points(100), "See page 3.".into())
            .await
            .expect("decides");

        // Somebody is grading by the old key when it changes.
        let tx = app.ctx.state.db.begin().await.expect("tx");
        assert_eq!(store::requeue_question(&*tx, class.free).await.expect("requeues"), 2);
        tx.commit().await.expect("commits");
        let old = claim(&app, "old", 9).await;
        assert_eq!(old.len(), 2);
        assert_eq!(old[0].graded.len(), 1, "the decision is an example");
        assert_eq!(old[0].graded[0].share, 0.25);
        let tx = app.ctx.state.db.begin().await.expect("tx");
        store::requeue_question(&*tx, class.free).await.expect("requeues");
        tx.commit().await.expect("commits");
        assert_eq!(
            service::record(&app.ctx, &old[0], suggest(&old[0]))
                .await
                .expect("says so"),
            Recorded::Stale
        );

        let new = claim(&app, "new", 9).await;
        let better = |job: &Job| Suggestion {
            points: Points(400),
            confidence: Some(0.95),
            decision: Decision::Accept,
            input_hash: "2".repeat(64),
            ..suggest(job)
        };
        let batch: Vec<_> = new.iter().map(|job| (job.clone(), better(job))).collect();
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("records"),
            [Recorded::Replaced; 2]
        );
        let after = grades(&app).await;
        let decided = after.iter().find(|now| now.id == row.id).expect("still there");
        assert_eq!(
            (
                decided.machine_points,
                decided.human_points,
                decided.review_state.as_str()
            ),
            (Points(400), Some(Points(100)), "reviewed")
        );
        assert_eq!(decided.version, 3);
        let other = after
            .iter()
            .find(|now| now.question_id == class.free && now.id != row.id)
            .expect("the other");
        assert_eq!(other.review_state, "accepted");

        // The same once more is no event.
        let before = events(&app).await.len();
        let tx = app.ctx.state.db.begin().await.expect("tx");
        store::requeue_question(&*tx, class.free).await.expect("requeues");
        tx.commit().await.expect("commits");
        let batch: Vec<_> = claim(&app, "new", 9)
            .await
            .into_iter()
            .map(|job| (job.clone(), better(&job)))
            .collect();
        assert_eq!(
            service::record_many(&app.ctx, &batch).await.expect("records"),
            [Recorded::Same; 2]
        );
        assert_eq!(events(&app).await.len(), before);

        // While grading is paused nothing begins by itself.
        let requeue = || async {
            let tx = app.ctx.state.db.begin().await.expect("tx");
            store::requeue_question(&*tx, class.free).await.expect("requeues");
            tx.commit().await.expect("commits");
        };
        requeue().await;
        assert_eq!(
            service::pause(&class.teacher, class.assignment).await.expect("pauses"),
            2
        );
        requeue().await;
        assert!(claim(&app, "new", 9).await.is_empty());
        assert_eq!(
            service::start(&class.teacher, class.assignment).await.expect("starts"),
            2
        );
        assert_eq!(claim(&app, "new", 9).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_graded_goes_to_a_person() {
    on_each_database(|app| async move {
        let class = class(&app, 1).await;
        for attempt in 1..=5 {
            app.ctx.state.clock.advance(Timestamp::MINUTE);
            let jobs = claim(&app, "w", 9).await;
            let job = jobs
                .iter()
                .find(|job| job.question.id == class.free)
                .expect("tried again");
            assert_eq!(job.attempt, attempt);
            service::fail(&app.ctx, job, "The model stumbled.")
                .await
                .expect("fails");
            if let Some(other) = jobs.iter().find(|job| job.question.id != class.free) {
                service::record(&app.ctx, other, suggest(other)).await.expect("records");
            }
        }
        app.ctx.state.clock.advance(Timestamp::HOUR);
        assert!(claim(&app, "w", 9).await.is_empty());
        let progress = service::progress(&class.teacher, class.assignment)
            .await
            .expect("watch");
        assert_eq!((progress.questions[0].failed, progress.questions[0].waiting), (1, 1));
        let queue = service::queue(&class.teacher, class.assignment, waiting(None), None, 9)
            .await
            .expect("a queue");
        let item = &queue.items[0];
        assert!(item.machine.is_none() && item.problem.as_deref() == Some("The model stumbled."));
        let refused = service::accept(&class.teacher, item.grade, item.version, None, String::new())
            .await
            .expect_err("nothing to accept");
        assert_eq!(refused.kind, ErrorKind::Invalid);
        service::decide(&class.teacher, item.grade, item.version, Points(250), String::new())
            .await
            .expect("decides");
        assert_eq!(
            service::publishing(&class.teacher, class.assignment)
                .await
                .expect("numbers")
                .unsettled(),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn two_graders_never_overwrite_each_other() {
    on_each_database(|app| async move {
        let class = class(&app, 3).await;
        let assistant = app.person("Ali").await;
        app.enrol(class.course, &assistant, Role::Assistant).await;
        grade_all(&app).await;
        let queue = service::queue(&assistant, class.assignment, waiting(Some(class.free)), None, 2)
            .await
            .expect("a queue");
        assert_eq!((queue.items.len(), queue.more, queue.counts.waiting), (2, true, 3));
        let rest = service::queue(
            &assistant,
            class.assignment,
            waiting(None),
            Some(queue.items[1].cursor),
            9,
        )
        .await
        .expect("the rest");
        assert_eq!((rest.items.len(), rest.more), (1, false));
        assert!(queue.items.iter().all(|item| item.grade != rest.items[0].grade));

        let item = &queue.items[0];
        service::decide(&assistant, item.grade, item.version, Points(350), "Nearly.".into())
            .await
            .expect("decides");
        let late = service::decide(&class.teacher, item.grade, item.version, Points(0), String::new())
            .await
            .expect_err("too late");
        assert_eq!(late.kind, ErrorKind::Conflict);
        assert!(
            late.message.contains("Ali gave this answer 3.5 points"),
            "{}",
            late.message
        );
        let too_many = service::decide(&class.teacher, item.grade, 2, Points(401), String::new())
            .await
            .expect_err("too many");
        assert!(too_many.for_field("points").is_some());
        let back = service::clear(&class.teacher, item.grade, 2).await.expect("takes back");
        assert_eq!((back.version, back.human, back.state), (3, None, ReviewState::Waiting));
        let accepted = service::accept(&class.teacher, item.grade, 3, None, String::new())
            .await
            .expect("accepts");
        assert_eq!(
            accepted.human.map(|human| (human.points, human.by)),
            Some((Points(300), "Tess".into()))
        );
        assert_eq!(
            events(&app)
                .await
                .iter()
                .filter(|kind| *kind != "machine")
                .collect::<Vec<_>>(),
            ["human", "clear", "human"]
        );

        let stranger = app.person("Otto").await;
        for person in [&class.students[0], &stranger] {
            let refused = service::decide(person, item.grade, 4, Points(400), String::new())
                .await
                .expect_err("not for them");
            assert_eq!(refused.kind, ErrorKind::Forbidden);
            assert!(
                service::queue(person, class.assignment, waiting(None), None, 9)
                    .await
                    .is_err()
            );
            assert!(service::progress(person, class.assignment).await.is_err());
            assert!(service::gradebook(person, class.course, None).await.is_err());
            assert!(service::publish(person, class.assignment, true).await.is_err());
        }
        assert_eq!(
            service::publish(&assistant, class.assignment, true)
                .await
                .expect_err("teachers publish")
                .kind,
            ErrorKind::Forbidden
        );
        assert_eq!(
            service::progress(&app.ctx, class.assignment)
                .await
                .expect_err("nobody")
                .kind,
            ErrorKind::SignIn
        );
    })
    .await;
}

#[tokio::test]
async fn students_see_results_when_they_are_published() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        let early = service::result(&class.students[0], class.submissions[0])
            .await
            .expect_err("not yet");
        assert_eq!(early.kind, ErrorKind::Forbidden);
        let refused = service::publish(&class.teacher, class.assignment, false)
            .await
            .expect_err("nothing is graded");
        assert!(
            refused.message.starts_with("12 answers are not graded yet"),
            "{}",
            refused.message
        );
        grade_all(&app).await;
        let refused = service::publish(&class.teacher, class.assignment, false)
            .await
            .expect_err("six wait");
        assert!(
            refused.message.starts_with("6 answers still wait for review"),
            "{}",
            refused.message
        );
        let published = service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        assert_eq!(
            (published.students, published.waiting, published.published_at.is_some()),
            (6, 6, true)
        );
        assert_eq!(
            service::publish(&class.teacher, class.assignment, true)
                .await
                .expect_err("once")
                .kind,
            ErrorKind::Conflict
        );

        let sheet = service::result(&class.students[0], class.submissions[0])
            .await
            .expect("sees it");
        assert_eq!(
            (sheet.earned, sheet.total, sheet.of),
            (Points(700), Points(630), Points(800))
        );
        assert!(sheet.late_words().is_some_and(|words| words.contains("10 % less")));
        assert!(
            sheet.questions[1]
                .answer
                .options
                .iter()
                .all(|option| option.correct.is_none()),
            "the key stays with the staff"
        );
        assert!(
            sheet.questions[0]
                .machine
                .as_ref()
                .is_some_and(|machine| machine.evidence.reference.is_none())
        );
        assert_eq!(
            sheet
                .distribution
                .map(|class| (class.submissions, class.bins.iter().sum::<u32>(), class.own)),
            Some((6, 6, 7))
        );
        let other = service::result(&class.students[1], class.submissions[0])
            .await
            .expect_err("not theirs");
        assert_eq!(other.kind, ErrorKind::Forbidden);
        let staff = service::result(&class.teacher, class.submissions[0])
            .await
            .expect("staff see all");
        assert!(
            staff.for_staff
                && staff.questions[0]
                    .machine
                    .as_ref()
                    .is_some_and(|machine| machine.evidence.reference.is_some())
        );

        let row = grades(&app)
            .await
            .into_iter()
            .find(|row| row.submission_id == class.submissions[0] && row.question_id == class.free)
            .expect("a grade");
        service::decide(&class.teacher, row.id, row.version, Points(400), String::new())
            .await
            .expect("decides");
        let sheet = service::result(&class.students[0], class.submissions[0])
            .await
            .expect("sees it");
        assert_eq!(sheet.total, Points(720));
        service::unpublish(&class.teacher, class.assignment)
            .await
            .expect("hides");
        assert!(service::result(&class.students[0], class.submissions[0]).await.is_err());
        let acts: Vec<String> = audit_entry::Entity::find()
            .all(app.ctx.db())
            .await
            .expect("log")
            .into_iter()
            .map(|row| row.action)
            .collect();
        assert_eq!(acts, ["grade.publish", "grade.change", "grade.unpublish"]);
    })
    .await;
}

#[tokio::test]
async fn the_gradebook_pages_and_exports() {
    on_each_database(|app| async move {
        let class = class(&app, 53).await;
        grade_all(&app).await;
        let late = app.person("=Zed").await;
        app.enrol(class.course, &late, Role::Student).await;
        let first = service::gradebook(&class.teacher, class.course, None)
            .await
            .expect("a page");
        assert_eq!(
            (first.rows.len(), first.students, first.columns[0].of),
            (50, 54, Points(800))
        );
        let second = service::gradebook(&class.teacher, class.course, first.next)
            .await
            .expect("the next");
        assert_eq!((second.rows.len(), second.next), (4, None));
        let all: Vec<_> = first.rows.iter().chain(&second.rows).collect();
        assert_eq!(
            all.iter()
                .map(|row| row.student)
                .collect::<std::collections::HashSet<_>>()
                .len(),
            54
        );
        let zero = all.iter().find(|row| row.name == "Student00").expect("is listed");
        let cell = zero.cells[0].expect("has submitted");
        assert_eq!(
            (cell.total, cell.late_percent, cell.waiting, cell.ungraded),
            (Points(630), 10, 1, 0)
        );
        let zed = all.iter().find(|row| row.name == "=Zed").expect("is listed");
        assert_eq!(
            (zed.cells[0], zed.percentage(&first.columns).as_deref()),
            (None, Some("0.0"))
        );

        let (code, text) = service::gradebook_csv(&class.teacher, class.course)
            .await
            .expect("a file");
        assert_eq!((code.as_str(), text.lines().count()), ("BIO101", 55));
        assert!(text.starts_with("Name,Email,Cells (8 pts),Total Points,Percentage\n"));
        assert!(
            text.contains("\nStudent00,student00@test.example,6.3,6.3,78.8\n"),
            "{text}"
        );
        assert!(text.contains("\n'=Zed,'=zed@test.example,,0,0.0\n"), "{text}");
    })
    .await;
}
