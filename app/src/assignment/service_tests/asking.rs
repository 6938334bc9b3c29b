//! What is asked: the order of questions, and their rubrics.

use super::*;

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
