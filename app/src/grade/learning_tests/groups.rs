//! Answer groups, and the radar.

use super::{free, learn_all};
use crate::course::model::Role;
use crate::entity::grade_event;
use crate::error::ErrorKind;
use crate::grade::service::{self, GroupVerdict};
use crate::grade::tests::{class, grade_all};
use crate::points::Points;
use crate::testing::on_each_database;
use sea_orm::EntityTrait;

#[tokio::test]
async fn a_group_is_graded_once_split_merged_and_undone() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let assistant = app.person("Ali").await;
        app.enrol(class.course, &assistant, Role::Assistant).await;
        let look = || service::groups(&assistant, class.assignment, Some(class.free), None, None);
        let sizes = || async {
            let groups = look().await.expect("groups").groups;
            groups.iter().map(|group| group.answers).collect::<Vec<_>>()
        };
        let groups = look().await.expect("groups");
        let open: Vec<_> = groups.groups.iter().map(|group| (group.answers, group.open)).collect();
        assert_eq!((open.as_slice(), groups.next), ([(4, 4), (2, 2)].as_slice(), None));
        let (large, small) = (groups.groups[0].clone(), groups.groups[1].clone());
        let rows = free(&app, &class).await;
        let item = service::review_item(&assistant, rows[0].id).await.expect("an answer").0;
        assert_eq!(
            item.settles,
            Some((large.group, 4)),
            "the desk says what one click settles"
        );

        let verdict = |points: i32, seen: &str| GroupVerdict {
            points: Points(points),
            comment: "See page 3.".into(),
            seen: Some(seen.to_owned()),
        };
        let refused = service::decide_group(&assistant, class.free, large.group, verdict(9_999, &large.seen)).await;
        assert_eq!(refused.expect_err("too many").fields[0].field, "points");
        service::decide(&class.teacher, rows[0].id, rows[0].version, Points(100), String::new())
            .await
            .expect("decides");
        let refused = service::decide_group(&assistant, class.free, large.group, verdict(300, &large.seen)).await;
        assert_eq!(refused.expect_err("not what was seen").kind, ErrorKind::Conflict);
        let seen = look().await.expect("groups").groups[0].seen.clone();
        let done = service::decide_group(&assistant, class.free, large.group, verdict(300, &seen))
            .await
            .expect("decides");
        assert_eq!(done.answers, 3);
        let now = free(&app, &class).await;
        let human: Vec<_> = now.iter().map(|row| row.human_points.map(|points| points.0)).collect();
        assert_eq!(human, [Some(100), Some(300), Some(300), Some(300), None, None]);
        let events = grade_event::Entity::find().all(app.ctx.db()).await.expect("events");
        let pointing = events
            .iter()
            .filter(|event| event.kind == "human" && event.detail.contains(&done.act.to_string()));
        assert_eq!(pointing.count(), 3, "each answer has a decision of its own");

        // Somebody changes one of them; undoing the act leaves that alone.
        service::decide(&class.teacher, now[1].id, now[1].version, Points(400), String::new())
            .await
            .expect("decides");
        let undone = service::undo_group_act(&assistant, done.act).await.expect("undoes");
        assert_eq!(undone.answers, 2);
        let human: Vec<_> = free(&app, &class)
            .await
            .iter()
            .map(|row| row.human_points.map(|points| points.0))
            .collect();
        assert_eq!(human, [Some(100), Some(400), None, None, None, None]);
        assert_eq!(
            service::undo_group_act(&assistant, done.act)
                .await
                .expect_err("once")
                .kind,
            ErrorKind::Conflict
        );

        // What says the same and has different points is on the radar; who graded, too.
        let radar = service::radar(&assistant, class.assignment).await.expect("a radar");
        assert_eq!((radar.uneven.len(), radar.uneven[0].answers), (1, 4));
        assert_eq!(
            (radar.uneven[0].lowest.points, radar.uneven[0].highest.points),
            (Points(100), Points(400))
        );
        assert_eq!(radar.graders.len(), 1);
        // (100 − 300) and (400 − 300) of 400.
        assert!((radar.graders[0].mean + 0.125).abs() < 1e-9 && radar.graders[0].margin.is_none());

        let merged = service::merge(&assistant, class.free, small.group, large.group)
            .await
            .expect("merges");
        assert_eq!(merged.answers, 2);
        assert_eq!(look().await.expect("groups").groups[0].answers, 6);
        // The first answer, whose name the group has, leaves: the others stay together.
        service::split(&assistant, class.free, vec![rows[0].id])
            .await
            .expect("splits");
        let groups = look().await.expect("groups");
        assert_eq!((groups.groups.len(), groups.groups[0].answers), (1, 5));
        assert!(groups.last.as_ref().expect("an act").words.contains("taken out"));
        service::undo_group_act(&assistant, groups.last.expect("an act").act)
            .await
            .expect("undoes");
        assert_eq!(look().await.expect("groups").groups[0].answers, 6);
        service::undo_group_act(&assistant, merged.act).await.expect("undoes");
        assert_eq!(sizes().await, [4, 2]);

        // One takes an answer out, another puts it elsewhere: undoing the first act does not undo the second.
        let out = service::split(&class.teacher, class.free, vec![rows[1].id])
            .await
            .expect("splits");
        service::merge(&assistant, class.free, rows[1].id, small.group)
            .await
            .expect("merges");
        let undone = service::undo_group_act(&class.teacher, out.act).await.expect("undoes");
        assert_eq!(undone.answers, 0);
        assert_eq!(sizes().await, [3, 3]);
        let other = app.person("Olga").await;
        let refused = service::merge(&other, class.free, small.group, large.group)
            .await
            .expect_err("no");
        assert_eq!(refused.kind, ErrorKind::Forbidden);
    })
    .await;
}
