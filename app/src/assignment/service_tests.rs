use super::*;
use crate::audit;
use crate::entity::{answer, grade, grading_work, submission};
use crate::error::ErrorKind;
use crate::grade::model::ReviewState;
use crate::ids::{AnswerId, GradeId, QuestionId, SubmissionId, WorkId};
use crate::points::Points;
use crate::question::content::QuestionContent;
use crate::question::model::{ChoiceOption, Key, QuestionKind};
use crate::question::service::{self as questions, Direction};
use crate::testing::{TestApp, id_of, on_each_database};
use crate::time::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder};

fn content(ctx: &Ctx) -> AssignmentContent {
    AssignmentContent {
        title: "Midterm".into(),
        instructions: "In your own words.".into(),
        due_at: Some(ctx.now().plus(Timestamp::DAY)),
        closes_at: None,
        late_percent_per_day: 10,
        show_distribution: true,
    }
}

fn choice(right: usize) -> QuestionContent {
    let options = ["red", "green", "blue"].iter().enumerate();
    let options = options
        .map(|(i, text)| ChoiceOption {
            text: (*text).into(),
            correct: i == right,
        })
        .collect();
    QuestionContent {
        prompt: "Which colour?".into(),
        points: Points(200),
        key: Key::SingleChoice { options },
        references: vec![],
        rubric: vec![],
    }
}

/// A course with a teacher, an assistant and two students.
struct Class {
    app: std::sync::Arc<TestApp>,
    course: CourseId,
    teacher: Ctx,
    assistant: Ctx,
    student: Ctx,
}

async fn class(app: std::sync::Arc<TestApp>) -> Class {
    let (teacher, assistant) = (app.person("Tamar").await, app.person("Asa").await);
    let (student, other) = (app.person("Sol").await, app.person("Sam").await);
    let course = app.course("BIO1", &teacher).await;
    app.enrol(course, &assistant, Role::Assistant).await;
    app.enrol(course, &student, Role::Student).await;
    app.enrol(course, &other, Role::Student).await;
    Class {
        app,
        course,
        teacher,
        assistant,
        student,
    }
}

impl Class {
    async fn draft(&self) -> AssignmentId {
        create(&self.teacher, self.course, content(&self.teacher))
            .await
            .expect("a draft")
    }

    /// A published assignment with one choice question.
    async fn open(&self) -> (AssignmentId, QuestionId) {
        let id = self.draft().await;
        let question = questions::add_with(&self.teacher, id, choice(1))
            .await
            .expect("a question");
        publish(&self.teacher, id, None).await.expect("published");
        (id, question)
    }

    async fn start(&self, id: AssignmentId, submitted: bool) -> SubmissionId {
        let now = self.app.ctx.now();
        let row = submission::Model {
            id: SubmissionId::new(),
            assignment_id: id,
            user_id: id_of(&self.student),
            attempt: 1,
            started_at: now,
            submitted_at: submitted.then_some(now),
            late_percent: 0,
            content_hash: None,
            receipt: None,
            updated_at: now,
        };
        let id = row.id;
        submission::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(self.app.ctx.db())
            .await
            .expect("a submission");
        id
    }

    /// A submission with one answer that a machine has graded, and a human after it.
    async fn graded(&self, id: AssignmentId, question: QuestionId, human: Option<Points>) {
        let submission = self.start(id, true).await;
        let (db, now) = (self.app.ctx.db(), self.app.ctx.now());
        let row = answer::Model {
            id: AnswerId::new(),
            submission_id: submission,
            question_id: question,
            value: r#"{"is":"choice","value":[1]}"#.into(),
            revision: 1,
            updated_at: now,
        };
        let answer = row.id;
        answer::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("an answer");
        let work = grading_work::Model {
            id: WorkId::new(),
            answer_id: answer,
            submission_id: submission,
            question_id: question,
            assignment_id: id,
            state: "done".into(),
            attempts: 1,
            claimed_by: None,
            lease_until: None,
            problem: None,
            created_at: now,
            finished_at: Some(now),
        };
        grading_work::Entity::insert(work.into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("work");
        let grade = grade::Model {
            id: GradeId::new(),
            answer_id: answer,
            submission_id: submission,
            question_id: question,
            assignment_id: id,
            machine_points: Points(200),
            machine_confidence: None,
            machine_decision: "accept".into(),
            machine_reason: None,
            machine_evidence: "{}".into(),
            model: "rules".into(),
            input_hash: String::new(),
            machine_at: now,
            machine_examples: 0,
            human_points: human,
            human_comment: None,
            human_by: None,
            human_at: human.map(|_| now),
            review_state: if human.is_some() {
                ReviewState::Reviewed.name()
            } else {
                ReviewState::Accepted.name()
            }
            .into(),
            review_order: 0,
            version: 1,
        };
        grade::Entity::insert(grade.into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("a grade");
    }
}

fn kind<T: std::fmt::Debug>(result: AppResult<T>) -> ErrorKind {
    result.expect_err("this must not succeed").kind
}

#[tokio::test]
async fn a_draft_becomes_an_assignment() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.draft().await;
        assert_eq!(
            list(&class.student, class.course).await.expect("a list"),
            vec![],
            "students see no drafts"
        );
        let empty = publish(&class.teacher, id, None)
            .await
            .expect_err("there is nothing to answer");
        assert_eq!(empty.fields[0].field, "questions");
        let blank = questions::add(&class.teacher, id, QuestionKind::ShortAnswer)
            .await
            .expect("a blank question");
        questions::add_with(&class.teacher, id, choice(0))
            .await
            .expect("a choice");
        let unfinished = publish(&class.teacher, id, None)
            .await
            .expect_err("question 1 has no text");
        assert_eq!(unfinished.fields[0].field, "question-1");
        let text = QuestionContent {
            prompt: "Why?".into(),
            ..QuestionContent::blank(QuestionKind::ShortAnswer)
        };
        questions::update(&class.teacher, blank, None, text)
            .await
            .expect("finished");
        let sheet = get_for_staff(&class.assistant, id).await.expect("assistants look");
        assert_eq!(sheet.publish_words(), "2 students will see 2 questions worth 3 points");
        assert!(!sheet.may_edit && sheet.questions[0].warning().is_some() && sheet.questions[1].warning().is_none());
        publish(&class.teacher, id, Some(sheet.version))
            .await
            .expect("published");
        let seen = list(&class.student, class.course).await.expect("a list");
        assert_eq!(
            (seen[0].questions, seen[0].points, seen[0].phase, seen[0].staff),
            (2, Points(300), Phase::Open, None)
        );
        assert_eq!(kind(publish(&class.teacher, id, None).await), ErrorKind::Conflict);
        let entries = audit::store::page(class.app.ctx.db(), None, 50).await.expect("the log");
        let acts: Vec<_> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
        assert_eq!(
            acts,
            [
                "assignment.create",
                "question.add",
                "question.add",
                "question.update",
                "assignment.publish"
            ]
        );
        assert_eq!(audit::store::first_break(class.app.ctx.db()).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn only_teachers_of_the_course_write() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        let outsider = class.app.person("Olga").await;
        class.app.course("ART1", &outsider).await;
        for person in [&class.assistant, &class.student, &outsider] {
            assert_eq!(
                kind(create(person, class.course, content(person)).await),
                ErrorKind::Forbidden
            );
            assert_eq!(
                kind(update(person, id, None, content(person)).await),
                ErrorKind::Forbidden
            );
            assert_eq!(kind(unpublish(person, id, None).await), ErrorKind::Forbidden);
            assert_eq!(kind(delete(person, id, None).await), ErrorKind::Forbidden);
            assert_eq!(
                kind(questions::add(person, id, QuestionKind::Numeric).await),
                ErrorKind::Forbidden
            );
            assert_eq!(
                kind(questions::update(person, question, None, choice(0)).await),
                ErrorKind::Forbidden
            );
            assert_eq!(
                kind(questions::move_(person, question, Direction::Up).await),
                ErrorKind::Forbidden
            );
            assert_eq!(kind(questions::remove(person, question).await), ErrorKind::Forbidden);
        }
        assert_eq!(kind(get_for_staff(&class.student, id).await), ErrorKind::Forbidden);
        assert_eq!(kind(questions::list(&class.student, id).await), ErrorKind::Forbidden);
        assert_eq!(kind(questions::editor(&outsider, question).await), ErrorKind::Forbidden);
        assert_eq!(kind(get_for_staff(&class.app.ctx, id).await), ErrorKind::SignIn);
        let admin = class.app.admin("Ada").await;
        update(&admin, id, None, content(&admin))
            .await
            .expect("administrators may");
    })
    .await;
}

#[tokio::test]
async fn two_teachers_do_not_overwrite_each_other() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.draft().await;
        let seen = get_for_staff(&class.teacher, id).await.expect("a sheet").version;
        let first = AssignmentContent {
            title: "First".into(),
            ..content(&class.teacher)
        };
        assert_eq!(update(&class.teacher, id, Some(seen), first).await, Ok(seen + 1));
        let second = AssignmentContent {
            title: "Second".into(),
            ..content(&class.teacher)
        };
        assert_eq!(
            kind(update(&class.teacher, id, Some(seen), second).await),
            ErrorKind::Conflict
        );
        assert_eq!(kind(delete(&class.teacher, id, Some(seen)).await), ErrorKind::Conflict);
        assert_eq!(get_for_staff(&class.teacher, id).await.expect("a sheet").title, "First");

        let question = questions::add_with(&class.teacher, id, choice(0))
            .await
            .expect("a question");
        let seen = questions::editor(&class.teacher, question)
            .await
            .expect("an editor")
            .seen;
        let saved = questions::update(&class.teacher, question, Some(seen), choice(1))
            .await
            .expect("saved");
        assert!(saved.seen > seen);
        assert_eq!(
            kind(questions::update(&class.teacher, question, Some(seen), choice(2)).await),
            ErrorKind::Conflict
        );
        questions::update(&class.teacher, question, Some(saved.seen), choice(2))
            .await
            .expect("saved with what was seen");
    })
    .await;
}

#[tokio::test]
async fn questions_keep_their_order() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.draft().await;
        let mut added = Vec::new();
        for kind in [
            QuestionKind::TrueFalse,
            QuestionKind::Numeric,
            QuestionKind::ShortAnswer,
        ] {
            added.push(questions::add(&class.teacher, id, kind).await.expect("added"));
        }
        let order = async || {
            let list = questions::list(&class.teacher, id).await.expect("a list");
            assert!(
                list.iter().zip(1..).all(|(question, place)| question.position == place),
                "places are 1, 2, 3"
            );
            list.iter().map(|question| question.id).collect::<Vec<_>>()
        };
        assert_eq!(order().await, added);
        questions::move_(&class.teacher, added[2], Direction::Up)
            .await
            .expect("up");
        assert_eq!(order().await, [added[0], added[2], added[1]]);
        questions::move_(&class.teacher, added[0], Direction::Up)
            .await
            .expect("nothing above");
        questions::move_(&class.teacher, added[0], Direction::Down)
            .await
            .expect("down");
        assert_eq!(order().await, [added[2], added[0], added[1]]);
        questions::remove(&class.teacher, added[2]).await.expect("removed");
        assert_eq!(order().await, [added[0], added[1]]);
        delete(&class.teacher, id, None)
            .await
            .expect("deleted with its questions");
        assert_eq!(kind(get_for_staff(&class.teacher, id).await), ErrorKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_rubric_keeps_the_ids_it_had() {
    use crate::question::content::{CriterionContent, ItemContent};
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.draft().await;
        let item = |points| ItemContent {
            id: None,
            text: "Says so".into(),
            points: Points(points),
            feedback: "Say so.".into(),
        };
        let criterion = |title: &str| CriterionContent {
            id: None,
            title: title.into(),
            points: Points(100),
            items: vec![item(50), item(50)],
        };
        let text = QuestionContent {
            prompt: "Why?".into(),
            points: Points(200),
            key: Key::ShortAnswer { allow_file: true },
            references: vec!["Because.".into(), "For that reason.".into()],
            rubric: vec![criterion("Reason"), criterion("Example")],
        };
        let question = questions::add_with(&class.teacher, id, text.clone())
            .await
            .expect("added");
        let before = questions::editor(&class.teacher, question)
            .await
            .expect("an editor")
            .question;
        let mut changed = QuestionContent::from(&before);
        assert_eq!(changed.references, text.references);
        changed.rubric.reverse();
        changed.rubric[0].id = None;
        changed.rubric[0].items[0].id = changed.rubric[1].items[0].id; // taken twice: one of them gets a new id
        questions::update(&class.teacher, question, None, changed)
            .await
            .expect("changed");
        let after = questions::editor(&class.teacher, question)
            .await
            .expect("an editor")
            .question;
        assert_eq!(after.rubric[1].id, before.rubric[0].id);
        assert_ne!(after.rubric[0].id, before.rubric[1].id);
        assert_eq!(
            (after.rubric[0].title.as_str(), after.rubric[0].items.len()),
            ("Example", 2)
        );
        let papers = crate::question::store::papers(class.app.ctx.db(), id)
            .await
            .expect("papers");
        assert_eq!(papers, vec![after.paper()]);
        assert_eq!(papers[0].rubric[0], ("Example".to_owned(), Points(100)));
    })
    .await;
}

#[tokio::test]
async fn what_students_began_is_not_pulled_away() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        unpublish(&class.teacher, id, None).await.expect("nobody has begun");
        publish(&class.teacher, id, None).await.expect("published again");
        assert_eq!(
            kind(questions::add(&class.teacher, id, QuestionKind::Numeric).await),
            ErrorKind::Conflict,
            "it is published"
        );
        class.start(id, false).await;
        let begun = unpublish(&class.teacher, id, None)
            .await
            .expect_err("somebody has begun");
        assert_eq!(
            begun.message,
            "1 student has begun to answer, so it cannot be taken back. You can change its dates instead."
        );
        assert_eq!(kind(delete(&class.teacher, id, None).await), ErrorKind::Conflict);
        assert_eq!(
            kind(questions::remove(&class.teacher, question).await),
            ErrorKind::Conflict
        );
        let mut moved = choice(1);
        if let Key::SingleChoice { options } = &mut moved.key {
            options.swap(0, 1);
        }
        let refused = questions::update(&class.teacher, question, None, moved)
            .await
            .expect_err("options stay");
        assert_eq!(refused.fields[0].field, "options");
        assert_eq!(
            questions::update(&class.teacher, question, None, choice(2))
                .await
                .map(|saved| saved.requeued),
            Ok(0)
        );
        let other = QuestionContent {
            key: Key::TrueFalse { correct: true },
            ..choice(0)
        };
        assert_eq!(
            questions::update(&class.teacher, question, None, other)
                .await
                .expect_err("a kind stays")
                .fields[0]
                .field,
            "kind"
        );
    })
    .await;
}

#[tokio::test]
async fn a_new_key_grades_again_until_grades_are_published() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        class.graded(id, question, Some(Points(200))).await;
        let words = QuestionContent {
            prompt: "Which colour then?".into(),
            ..choice(1)
        };
        assert_eq!(
            questions::update(&class.teacher, question, None, words)
                .await
                .map(|saved| saved.requeued),
            Ok(0),
            "words grade nothing"
        );
        let saved = questions::update(&class.teacher, question, None, choice(2))
            .await
            .expect("saved");
        assert_eq!(saved.requeued, 1);
        let work = grading_work::Entity::find()
            .filter(grading_work::Column::QuestionId.eq(question))
            .one(class.app.ctx.db())
            .await;
        assert_eq!(
            work.map(|work| work.map(|work| work.state)),
            Ok(Some("queued".to_owned()))
        );
        let fewer = QuestionContent {
            points: Points(100),
            ..choice(2)
        };
        let refused = questions::update(&class.teacher, question, None, fewer)
            .await
            .expect_err("a person gave 2");
        assert_eq!(refused.fields[0].field, "points");
        let row = assignment::Entity::find_by_id(id)
            .one(class.app.ctx.db())
            .await
            .expect("a row")
            .expect("the assignment");
        let mut done = row.into_active_model();
        done.grades_published_at = Set(Some(class.app.ctx.now()));
        done.update(class.app.ctx.db()).await.expect("grades are out");
        assert_eq!(
            kind(questions::update(&class.teacher, question, None, choice(0)).await),
            ErrorKind::Conflict
        );
        let later = AssignmentContent {
            due_at: None,
            ..content(&class.teacher)
        };
        assert_eq!(kind(update(&class.teacher, id, None, later).await), ErrorKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn the_overview_counts() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (id, question) = class.open().await;
        let (other, _) = class.open().await;
        assert_eq!(
            overview(&class.teacher, id).await,
            Ok(StaffOverview {
                students: 2,
                ..Default::default()
            })
        );
        class.graded(id, question, None).await;
        let counted = StaffOverview {
            students: 2,
            started: 1,
            submitted: 1,
            graded: 1,
            ..Default::default()
        };
        assert_eq!(overview(&class.assistant, id).await, Ok(counted));
        assert_eq!(
            overview(&class.assistant, other).await.map(|overview| overview.graded),
            Ok(0)
        );
        let lines = list(&class.teacher, class.course).await.expect("a list");
        assert_eq!(
            lines.iter().find(|line| line.id == id).and_then(|line| line.staff),
            Some(counted)
        );
        assert_eq!(kind(overview(&class.student, id).await), ErrorKind::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn an_archived_course_stands_still_and_late_drafts_stay() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.draft().await;
        questions::add_with(&class.teacher, id, choice(0))
            .await
            .expect("a question");
        class.app.ctx.state.clock.advance(2 * Timestamp::DAY);
        let over = publish(&class.teacher, id, None)
            .await
            .expect_err("the due date is over");
        assert_eq!(over.fields[0].field, "due");
        class.app.ctx.state.clock.advance(-2 * Timestamp::DAY);
        let row = course::Entity::find()
            .order_by_asc(course::Column::Id)
            .one(class.app.ctx.db())
            .await
            .expect("a row")
            .expect("the course");
        let mut archived = row.into_active_model();
        archived.archived_at = Set(Some(class.app.ctx.now()));
        archived.update(class.app.ctx.db()).await.expect("archived");
        assert_eq!(kind(publish(&class.teacher, id, None).await), ErrorKind::Conflict);
        assert_eq!(
            kind(create(&class.teacher, class.course, content(&class.teacher)).await),
            ErrorKind::Conflict
        );
        assert!(
            !get_for_staff(&class.teacher, id)
                .await
                .expect("still to be seen")
                .may_edit
        );
    })
    .await;
}
