//! From a draft to an assignment, and who may change it.

use super::*;

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
