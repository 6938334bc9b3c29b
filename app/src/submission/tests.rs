//! Use cases of answering and submitting, told on each database.

use super::model::{Change, Receipt};
use super::service;
use crate::assignment::content::AssignmentContent;
use crate::course::model::Role;
use crate::entity::{answer, grading_work, journal_entry, question, submission};
use crate::error::ErrorKind;
use crate::ids::{AssignmentId, JournalId, QuestionId, SubmissionId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::content::QuestionContent;
use crate::question::model::{AnswerValue, ChoiceOption, Key};
use crate::testing::{TestApp, on_each_database};
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::sync::Arc;

/// A teacher, a student, and an open assignment with a short answer and a choice.
struct Class {
    app: Arc<TestApp>,
    teacher: Ctx,
    ada: Ctx,
    assignment: AssignmentId,
    words: QuestionId,
    choice: QuestionId,
}

async fn class(app: Arc<TestApp>) -> Class {
    let teacher = app.person("Teacher").await;
    let ada = app.person("Ada").await;
    let course = app.course("BIO", &teacher).await;
    app.enrol(course, &ada, Role::Student).await;
    let now = app.ctx.now();
    let content = AssignmentContent {
        title: "Cells".into(),
        instructions: String::new(),
        due_at: Some(now.plus(Timestamp::DAY)),
        closes_at: Some(now.plus(3 * Timestamp::DAY)),
        late_percent_per_day: 10,
        show_distribution: false,
    };
    let assignment = crate::assignment::service::create(&teacher, course, content)
        .await
        .expect("an assignment");
    let words = add(
        &teacher,
        assignment,
        "Why is the leaf green?",
        Key::ShortAnswer { allow_file: false },
    )
    .await;
    let option = |text: &str, correct| ChoiceOption {
        text: text.into(),
        correct,
    };
    let choice = add(
        &teacher,
        assignment,
        "Which organelle?",
        Key::SingleChoice {
            options: vec![option("Nucleus", false), option("Chloroplast", true)],
        },
    )
    .await;
    crate::assignment::service::publish(&teacher, assignment, None)
        .await
        .expect("published");
    Class {
        app,
        teacher,
        ada,
        assignment,
        words,
        choice,
    }
}

async fn add(teacher: &Ctx, assignment: AssignmentId, prompt: &str, key: Key) -> QuestionId {
    let references = if key.kind().is_free_text() {
        vec!["Chlorophyll reflects green light.".to_owned()]
    } else {
        Vec::new()
    };
    let content = QuestionContent {
        prompt: prompt.into(),
        points: Points(400),
        key,
        references,
        rubric: Vec::new(),
    };
    crate::question::service::add_with(teacher, assignment, content)
        .await
        .expect("a question")
}

fn change(question: QuestionId, value: AnswerValue, typed_at: Timestamp) -> Change {
    Change {
        id: JournalId::new(),
        question,
        value,
        typed_at,
    }
}

fn text(words: &str) -> AnswerValue {
    AnswerValue::Text(words.into())
}

impl Class {
    fn now(&self) -> Timestamp {
        self.app.ctx.now()
    }

    async fn start(&self) -> SubmissionId {
        service::start(&self.ada, self.assignment).await.expect("started")
    }

    async fn answer(&self, submission: SubmissionId, question: QuestionId) -> Option<(AnswerValue, i32)> {
        let sheet = service::open(&self.ada, submission).await.expect("a sheet");
        sheet.given(question).map(|given| (given.value.clone(), given.revision))
    }
}

#[tokio::test]
async fn starting_twice_gives_one_submission() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let (one, two) = tokio::join!(class.start(), class.start());
        assert_eq!(one, two);
        let rows = submission::Entity::find()
            .count(class.app.ctx.db())
            .await
            .expect("a count");
        assert_eq!(rows, 1);
        let refused = service::start(&class.teacher, class.assignment)
            .await
            .expect_err("a teacher does not answer");
        assert_eq!(refused.kind, ErrorKind::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn a_change_sent_twice_is_acknowledged_twice_and_applied_once() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        let typed = change(class.words, text("Chlorophyll reflects green light."), class.now());
        for _ in 0..3 {
            let saved = service::save(&class.ada, id, vec![typed.clone(), typed.clone()])
                .await
                .expect("saved");
            assert!(saved.acknowledged.contains(&typed.id));
        }
        assert_eq!(class.answer(id, class.words).await, Some((typed.value.clone(), 1)));
        let journal = journal_entry::Entity::find()
            .count(class.app.ctx.db())
            .await
            .expect("a count");
        assert_eq!(journal, 1);
    })
    .await;
}

#[tokio::test]
async fn many_students_typing_at_once_all_find_their_words_again() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let course = crate::entity::assignment::Entity::find_by_id(class.assignment)
            .one(class.app.ctx.db())
            .await
            .expect("a row")
            .expect("there")
            .course_id;
        let mut writers = Vec::new();
        for n in 0..40 {
            let student = class.app.person(&format!("Student {n}")).await;
            class.app.enrol(course, &student, Role::Student).await;
            let (assignment, words) = (class.assignment, class.words);
            writers.push(tokio::spawn(async move {
                let id = service::start(&student, assignment).await.expect("started");
                for round in 0..5 {
                    let typed = change(words, text(&format!("{n}: round {round}")), student.now());
                    service::save(&student, id, vec![typed]).await.expect("saved");
                }
                let sheet = service::open(&student, id).await.expect("a sheet");
                let given = sheet.given(words).expect("an answer");
                assert_eq!(
                    (given.value.text(), given.revision),
                    (format!("{n}: round 4").as_str(), 5)
                );
            }));
        }
        for writer in writers {
            writer.await.expect("a writer finished");
        }
        let journal = journal_entry::Entity::find()
            .count(class.app.ctx.db())
            .await
            .expect("a count");
        assert_eq!(journal, 200);
    })
    .await;
}

#[tokio::test]
async fn one_change_that_does_not_fit_does_not_hold_up_the_others() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        let now = class.now();
        let good = change(class.words, text("x"), now);
        let wrong_kind = change(class.choice, text("Chloroplast"), now);
        let out_of_range = change(class.choice, AnswerValue::Choice(vec![7]), now);
        let null = change(class.words, text("a\0b"), now);
        let elsewhere = change(QuestionId::new(), text("x"), now);
        let all = vec![good.clone(), wrong_kind, out_of_range, null, elsewhere];
        let saved = service::save(&class.ada, id, all).await.expect("saved");
        assert_eq!(saved.acknowledged, vec![good.id]);
        assert_eq!(saved.refused.len(), 4);
        let too_many = (0..201).map(|_| change(class.words, text("x"), now)).collect();
        assert_eq!(
            service::save(&class.ada, id, too_many)
                .await
                .expect_err("too many")
                .kind,
            ErrorKind::Invalid
        );
    })
    .await;
}

#[tokio::test]
async fn a_replay_from_long_ago_does_not_undo_newer_words() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        let now = class.now();
        let newer = change(class.words, text("typed at school"), now);
        service::save(&class.ada, id, vec![newer]).await.expect("saved");
        let older = change(class.words, text("typed on the train"), now.plus(-Timestamp::HOUR));
        let saved = service::save(&class.ada, id, vec![older.clone()]).await.expect("saved");
        assert_eq!(saved.acknowledged, vec![older.id]);
        assert_eq!(class.answer(id, class.words).await, Some((text("typed at school"), 1)));
    })
    .await;
}

#[tokio::test]
async fn submitting_freezes_queues_and_gives_one_receipt() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        let typed = change(class.words, text("Chlorophyll"), class.now());
        service::save(&class.ada, id, vec![typed.clone()]).await.expect("saved");
        let (one, two) = tokio::join!(service::submit(&class.ada, id), service::submit(&class.ada, id));
        let receipt = one.expect("a receipt");
        assert_eq!(receipt, two.expect("the same receipt"));
        assert_eq!(receipt, service::receipt(&class.ada, id).await.expect("still the same"));
        let db = class.app.ctx.db();
        let work = grading_work::Entity::find()
            .filter(grading_work::Column::SubmissionId.eq(id))
            .all(db)
            .await
            .expect("work");
        assert_eq!(work.len(), 2, "one row of work a question, the empty one too");
        assert!(work.iter().all(|row| row.state == "queued"));
        let answers = answer::Entity::find()
            .filter(answer::Column::SubmissionId.eq(id))
            .count(db)
            .await
            .expect("a count");
        assert_eq!(answers, 2);
        // Replays of what was saved are still acknowledged; anything new is refused and stays with the student.
        service::save(&class.ada, id, vec![typed]).await.expect("known already");
        let late = change(class.words, text("one more thought"), class.now());
        let refused = service::save(&class.ada, id, vec![late]).await.expect_err("frozen");
        assert_eq!(refused.kind, ErrorKind::Conflict);
        verify_finds_every_forgery(&class, &receipt).await;
    })
    .await;
}

async fn verify_finds_every_forgery(class: &Class, receipt: &Receipt) {
    let anyone = &class.app.ctx;
    let document = receipt.document();
    let genuine = service::verify(anyone, &document).await.expect("a verdict");
    assert!(genuine.valid, "{}", genuine.message);
    assert_eq!(genuine.receipt.as_ref(), Some(receipt));
    let short = format!("submission {}\n{}", receipt.submission, receipt.signature);
    assert!(service::verify(anyone, &short).await.expect("a verdict").valid);
    let at = receipt.submitted_at.at.0;
    let forgeries = [
        document.replace(&at.to_string(), &(at - Timestamp::DAY).to_string()),
        document.replace(&receipt.content_hash, &"0".repeat(64)),
        document.replace(&receipt.signature, &"A".repeat(86)),
        document.replace(&receipt.submission.to_string(), &SubmissionId::new().to_string()),
        "nothing at all".to_owned(),
        String::new(),
    ];
    for forged in forgeries {
        let verdict = service::verify(anyone, &forged).await.expect("a verdict");
        assert!(!verdict.valid && verdict.receipt.is_none(), "{forged}");
    }
}

#[tokio::test]
async fn late_costs_and_closed_refuses() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        class.app.ctx.state.clock.advance(Timestamp::DAY + Timestamp::HOUR);
        let typed = change(class.words, text("late"), class.now());
        service::save(&class.ada, id, vec![typed]).await.expect("late is taken");
        let overview = service::overview(&class.ada, class.assignment)
            .await
            .expect("an overview");
        assert_eq!(overview.terms.late_percent_now, 10);
        class.app.ctx.state.clock.advance(3 * Timestamp::DAY);
        let closed = change(class.words, text("too late"), class.now());
        for error in [
            service::save(&class.ada, id, vec![closed]).await.expect_err("closed"),
            service::submit(&class.ada, id).await.expect_err("closed"),
        ] {
            assert_eq!(error.kind, ErrorKind::Conflict);
            assert!(error.message.contains("closed on"), "{}", error.message);
        }
        let grace = class.app.person("Grace").await;
        assert_eq!(
            service::start(&grace, class.assignment)
                .await
                .expect_err("not in the course")
                .kind,
            ErrorKind::Forbidden
        );
    })
    .await;
}

#[tokio::test]
async fn a_late_submission_keeps_its_deduction() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        class.app.ctx.state.clock.advance(2 * Timestamp::DAY + Timestamp::HOUR);
        service::submit(&class.ada, id).await.expect("a receipt");
        let mine = service::mine(&class.ada).await.expect("a list");
        assert_eq!(
            mine[0].standing.as_ref().map(|standing| standing.late_percent),
            Some(20)
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_else_writes_in_a_submission_or_reads_it() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let id = class.start().await;
        let other = class.app.person("Bea").await;
        let course = crate::entity::assignment::Entity::find_by_id(class.assignment)
            .one(class.app.ctx.db())
            .await
            .expect("a row")
            .expect("there")
            .course_id;
        class.app.enrol(course, &other, Role::Student).await;
        let typed = change(class.words, text("x"), class.now());
        for ctx in [&other, &class.teacher, &class.app.ctx] {
            assert!(service::save(ctx, id, vec![typed.clone()]).await.is_err());
            assert!(service::submit(ctx, id).await.is_err());
        }
        assert_eq!(
            service::open(&other, id).await.expect_err("not hers").kind,
            ErrorKind::Forbidden
        );
        assert!(service::open(&class.teacher, id).await.is_ok());
        // Somebody else's change id is not taken for an acknowledgement.
        service::save(&class.ada, id, vec![typed.clone()]).await.expect("saved");
        let hers = service::start(&other, class.assignment).await.expect("started");
        assert!(service::save(&other, hers, vec![typed]).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_plain_form_saves_what_differs() {
    on_each_database(|app| async move {
        use super::form::FormAnswer;
        let class = class(app).await;
        let id = class.start().await;
        let form = vec![
            FormAnswer {
                question: class.words.to_string(),
                text: "two\r\nlines".into(),
                choice: vec![],
            },
            FormAnswer {
                question: class.choice.to_string(),
                text: String::new(),
                choice: vec!["1".into()],
            },
        ];
        for _ in 0..2 {
            service::save_form(&class.ada, id, form.clone()).await.expect("saved");
        }
        assert_eq!(class.answer(id, class.words).await, Some((text("two\nlines"), 1)));
        assert_eq!(
            class.answer(id, class.choice).await,
            Some((AnswerValue::Choice(vec![1]), 1))
        );
        let sheet = service::own_sheet(&class.ada, class.assignment).await.expect("a sheet");
        assert!(sheet.is_answered(class.words) && sheet.is_answered(class.choice));
        let home = crate::dashboard::service::home(&class.ada).await.expect("a first page");
        assert_eq!(home.due[0].standing.as_ref().map(|standing| standing.answered), Some(2));
        let staff = crate::dashboard::service::home(&class.teacher)
            .await
            .expect("a first page");
        assert_eq!(staff.teaching[0].assignments[0].numbers.started, 1);
    })
    .await;
}

#[tokio::test]
async fn a_changed_question_shows_at_once_and_one_changed_elsewhere_soon() {
    on_each_database(|app| async move {
        let class = class(app).await;
        service::start(&class.ada, class.assignment).await.expect("started");
        let prompt = async || {
            let sheet = service::own_sheet(&class.ada, class.assignment).await.expect("a sheet");
            sheet.questions[0].prompt.clone()
        };
        assert_eq!(prompt().await, "Why is the leaf green?");
        let question = crate::question::store::one(class.app.ctx.db(), class.words)
            .await
            .expect("the question");
        let content = QuestionContent {
            prompt: "Why is this leaf red?".into(),
            ..QuestionContent::from(&question)
        };
        crate::question::service::update(&class.teacher, class.words, None, content)
            .await
            .expect("changed");
        assert_eq!(prompt().await, "Why is this leaf red?");
        // As another process would.
        question::Entity::update_many()
            .col_expr(question::Column::Prompt, Expr::value("Why is the sky blue?"))
            .filter(question::Column::Id.eq(class.words))
            .exec(class.app.ctx.db())
            .await
            .expect("changed");
        class.app.ctx.state.clock.advance(2 * Timestamp::SECOND);
        assert_eq!(prompt().await, "Why is the sky blue?");
    })
    .await;
}
