//! The sample that says whether the promise was kept.

use super::{free, learn_all};
use crate::entity::grade;
use crate::error::ErrorKind;
use crate::grade::model::{QueueFilter, ReviewItem, ReviewState};
use crate::grade::service::{self, GroupVerdict};
use crate::grade::store::sample as sample_store;
use crate::grade::tests::{Class, class, grade_all};
use crate::grader_model::bars::Bar;
use crate::grader_model::service::{self as grader_model, Loaded};
use crate::ids::GradeId;
use crate::points::Points;
use crate::testing::{TestApp, on_each_database};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// A class of 12 whose answers are all accepted, and all drawn.
async fn drawn(app: &TestApp) -> (Class, Vec<ReviewItem>) {
    let class = class(app, 12).await;
    let loaded = Loaded {
        name: "test-model".into(),
        device: "cpu".into(),
        bars: vec![Bar {
            graded: 0,
            thresholds: vec![(800, 0.45)],
        }],
        problem: None,
    };
    grader_model::say(&app.ctx, "w", &loaded).await.expect("is met");
    grade_all(app).await;
    learn_all(app).await;
    service::set_dial(&class.teacher, class.assignment, 800, None)
        .await
        .expect("turns");
    let items = sample(&class).await;
    assert_eq!(items.len(), 12);
    (class, items)
}

const SAMPLE: QueueFilter = QueueFilter {
    question: None,
    state: ReviewState::Accepted,
    sample: true,
};

async fn sample(class: &Class) -> Vec<ReviewItem> {
    service::queue(&class.teacher, class.assignment, SAMPLE, None, 50)
        .await
        .expect("a queue")
        .items
}

/// How many were looked at, and how many of those agreed.
async fn audited(class: &Class) -> (u32, u32) {
    let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
    (dial.audit.looked_at, dial.audit.agreed)
}

/// The teacher gives full points without having seen the suggestion.
async fn blind(class: &Class, item: &ReviewItem) {
    service::decide_blind(&class.teacher, item.grade, item.version, Points(300), String::new())
        .await
        .expect("decides");
}

#[tokio::test]
async fn only_what_was_decided_blind_counts_for_the_audit() {
    on_each_database(|app| async move {
        let (class, items) = drawn(&app).await;
        let teacher = &class.teacher;
        // With the suggestion in view: alone, taken over, and as a group of four.
        let (first, second) = (&items[0], &items[1]);
        service::decide(teacher, first.grade, first.version, Points(300), String::new())
            .await
            .expect("decides");
        service::accept(teacher, second.grade, second.version, None, String::new())
            .await
            .expect("accepts");
        assert_eq!(audited(&class).await, (0, 0));
        let groups = service::groups(teacher, class.assignment, Some(class.free), None, None)
            .await
            .expect("groups");
        let verdict = GroupVerdict {
            points: Points(300),
            comment: String::new(),
            seen: None,
        };
        let last = groups.groups.last().expect("a group").group;
        service::decide_group(teacher, class.free, last, verdict)
            .await
            .expect("decides");
        assert_eq!(audited(&class).await, (0, 0));

        // Whoever has decided has seen it: a second word says nothing, however it is meant.
        let again = service::decide_blind(teacher, first.grade, first.version + 1, Points(300), String::new()).await;
        assert_eq!(again.expect("decides").version, first.version + 2);
        assert_eq!(audited(&class).await, (0, 0));

        // What is decided is no longer in the sample; the others are, and count once.
        let rest = sample(&class).await;
        assert!(!rest.is_empty() && rest.iter().all(|item| item.human.is_none()));
        let one = &rest[0];
        blind(&class, one).await;
        service::decide(teacher, one.grade, one.version + 1, Points(0), String::new())
            .await
            .expect("thinks again");
        assert_eq!(audited(&class).await, (1, 1), "the blind word counts");
    })
    .await;
}

#[tokio::test]
async fn who_watches_sees_the_sample_shrink() {
    on_each_database(|app| async move {
        let (class, items) = drawn(&app).await;
        let told = || async {
            let progress = service::progress(&class.teacher, class.assignment)
                .await
                .expect("watch");
            let queue = service::queue(&class.teacher, class.assignment, SAMPLE, None, 50);
            (
                progress.total(|row| row.sample),
                queue.await.expect("a queue").counts.sample,
            )
        };
        assert_eq!(told().await, (12, 12));
        blind(&class, &items[0]).await;
        assert_eq!(told().await, (11, 11));
        // All of it is of one question: the other has none.
        let progress = service::progress(&class.teacher, class.assignment)
            .await
            .expect("watch");
        let other = progress
            .questions
            .iter()
            .find(|row| row.question != class.free)
            .expect("two questions");
        assert_eq!(other.sample, 0);
        let filter = QueueFilter {
            question: Some(other.question),
            ..SAMPLE
        };
        let queue = service::queue(&class.teacher, class.assignment, filter, None, 50)
            .await
            .expect("a queue");
        assert_eq!((queue.items.len(), queue.counts.sample), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn the_export_says_where_nobody_has_looked() {
    on_each_database(|app| async move {
        let (class, items) = drawn(&app).await;
        let lines = || async {
            let (_, text) = service::gradebook_csv(&class.teacher, class.course)
                .await
                .expect("a file");
            let ends = |word: &str| text.lines().filter(|line| line.ends_with(word)).count();
            (ends(",accepted by the grader"), ends(",reviewed"))
        };
        assert_eq!(lines().await, (12, 0));
        blind(&class, &items[0]).await;
        assert_eq!(lines().await, (11, 1));
    })
    .await;
}

#[tokio::test]
async fn the_sample_follows_what_is_accepted() {
    on_each_database(|app| async move {
        let class = class(&app, 40).await;
        let teacher = &class.teacher;
        let loaded = Loaded {
            name: "test-model".into(),
            device: "cpu".into(),
            bars: vec![Bar {
                graded: 0,
                thresholds: vec![(800, 0.4), (900, 0.9)],
            }],
            problem: None,
        };
        grader_model::say(&app.ctx, "w", &loaded).await.expect("is met");
        grade_all(&app).await;
        learn_all(&app).await;
        // The machine is sure of the first 24.
        let ids: Vec<GradeId> = free(&app, &class).await.iter().map(|row| row.id).collect();
        grade::Entity::update_many()
            .col_expr(grade::Column::MachineConfidence, Expr::value(0.95_f32))
            .filter(grade::Column::Id.is_in(ids[..24].to_vec()))
            .exec(app.ctx.db())
            .await
            .expect("updates");
        let lowest = |among: &[GradeId]| {
            let mut lots: Vec<_> = among
                .iter()
                .map(|id| (sample_store::lot(class.assignment, *id), *id))
                .collect();
            lots.sort_unstable();
            lots.truncate(20);
            lots.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let set = |target| service::set_dial(teacher, class.assignment, target, None);
        let dial = set(900).await.expect("turns");
        assert_eq!((dial.accepted, dial.drawn), (24, 20));

        // It is read by lot, piece by piece.
        let items = sample(&class).await;
        let strict = lowest(&ids[..24]);
        assert_eq!(items.iter().map(|item| item.grade).collect::<Vec<_>>(), strict);
        let rest = service::queue(teacher, class.assignment, SAMPLE, Some(items[6].cursor), 5)
            .await
            .expect("a queue");
        assert_eq!(
            rest.items.iter().map(|item| item.grade).collect::<Vec<_>>(),
            strict[7..12]
        );
        assert!(rest.more);
        for item in &items {
            blind(&class, item).await;
        }
        assert_eq!(audited(&class).await, (20, 20));

        // What was promised of 24 says little about 40: others are drawn, and only who belongs to those counts.
        let dial = set(800).await.expect("turns");
        assert_eq!((dial.accepted, dial.drawn), (20, 20));
        let loose = lowest(&ids);
        let kept = loose.iter().filter(|id| strict.contains(id)).count();
        assert!(kept < 20);
        assert_eq!(audited(&class).await, (kept as u32, kept as u32));
        let joined: Vec<GradeId> = loose.iter().filter(|id| !strict.contains(id)).copied().collect();
        let items = sample(&class).await;
        assert_eq!(items.iter().map(|item| item.grade).collect::<Vec<_>>(), joined);
        service::decide_blind(teacher, items[0].grade, items[0].version, Points(0), String::new())
            .await
            .expect("decides");
        assert_eq!(audited(&class).await, (kept as u32 + 1, kept as u32));

        // What was said is not lost: it counts again when the same is accepted again.
        let dial = service::undo_dial(teacher, class.assignment).await.expect("undoes");
        assert_eq!((dial.drawn, dial.audit.looked_at, dial.audit.agreed), (20, 20, 20));
        assert!(sample(&class).await.is_empty());
        let dial = set(1000).await.expect("turns");
        assert_eq!((dial.drawn, dial.audit.looked_at), (0, 0), "nothing is promised");
    })
    .await;
}

#[tokio::test]
async fn the_desk_of_the_sample_never_shows_a_suggestion() {
    on_each_database(|app| async move {
        let (class, items) = drawn(&app).await;
        let grade = items[3].grade;
        let open = |filter| service::desk(&class.teacher, class.assignment, filter, Some(grade), None, 12);
        let hidden = |item: &ReviewItem| item.machine.is_none() && item.problem.is_none() && item.settles.is_none();
        let desk = open(SAMPLE).await.expect("a desk");
        assert_eq!(desk.queue.items[0].grade, grade);
        assert!(desk.queue.items.iter().all(hidden));
        let item = service::blind_item(&class.teacher, grade).await.expect("an answer");
        assert!(hidden(&item));
        let student = service::blind_item(&class.students[0], grade).await.expect_err("no");
        assert_eq!(student.kind, ErrorKind::Forbidden);

        let plain = QueueFilter {
            sample: false,
            ..SAMPLE
        };
        let desk = open(plain).await.expect("a desk");
        assert!(desk.queue.items[0].machine.is_some());
    })
    .await;
}
