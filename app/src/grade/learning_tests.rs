//! Stories about learning from decisions, the risk dial and its sample, answer groups, and the radar.

use super::model::{DEFAULT_TARGET, Decision, Evidence, QueueFilter, ReviewItem, ReviewState, Suggestion};
use super::service::{self, GroupVerdict, Learned, Lesson};
use super::store::{learning as store, sample as sample_store};
use super::tests::{Class, class, grade_all, grades};
use crate::course::model::Role;
use crate::entity::{audit_entry, grade, grade_event, suggestion_run};
use crate::error::ErrorKind;
use crate::grader_model::bars::Bar;
use crate::grader_model::service::{self as grader_model, Loaded};
use crate::ids::GradeId;
use crate::points::Points;
use crate::testing::{TestApp, on_each_database};
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

async fn lesson(app: &TestApp, worker: &str) -> Option<Lesson> {
    service::claim_lesson(&app.ctx, worker, LEASE)
        .await
        .expect("a question")
}

/// As a grader that believes the last decision about everything, more surely with each.
fn believe(lesson: &Lesson) -> Learned {
    let points = lesson.examples.last().map_or(Points(300), |taught| taught.points);
    let confidence = 0.5 + 0.1 * lesson.examples.len() as f32;
    let one = Suggestion {
        points,
        confidence: Some(confidence),
        decision: if confidence > 0.65 {
            Decision::Accept
        } else {
            Decision::Review
        },
        reason: (confidence <= 0.65).then(|| "unsure".into()),
        evidence: Evidence::default(),
        model: "test-model".into(),
        input_hash: format!("{:064}", lesson.examples.len()),
    };
    Learned {
        suggestions: vec![one; lesson.answers.len()],
        // Two groups: the first four answers by id, and the others.
        groups: if lesson.regroup {
            let mut ids: Vec<GradeId> = lesson
                .answers
                .iter()
                .chain(&lesson.decided)
                .map(|pupil| pupil.row.id)
                .collect();
            let places = ids.clone();
            ids.sort();
            places
                .iter()
                .map(|id| u32::from(ids.iter().position(|other| other == id) >= Some(4)))
                .collect()
        } else {
            Vec::new()
        },
        model: "test-model".into(),
        input_hash: "f".repeat(64),
        took: Duration::from_millis(7),
    }
}

/// Learns until there is nothing more to learn; how many lessons it took.
async fn learn_all(app: &TestApp) -> usize {
    let mut lessons = 0;
    while let Some(lesson) = lesson(app, "w").await {
        let learned = believe(&lesson);
        service::record_lesson(&app.ctx, &lesson, learned)
            .await
            .expect("records");
        lessons += 1;
    }
    lessons
}

async fn free(app: &TestApp, class: &Class) -> Vec<grade::Model> {
    let mut rows: Vec<_> = grades(app).await;
    rows.retain(|row| row.question_id == class.free);
    rows.sort_by_key(|row| row.id);
    rows
}

async fn acts(app: &TestApp) -> Vec<String> {
    let rows = audit_entry::Entity::find().all(app.ctx.db()).await.expect("log");
    rows.into_iter().map(|row| row.action).collect()
}

#[tokio::test]
async fn each_decision_is_learnt_from_once_and_touches_no_other_decision() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        assert_eq!(learn_all(&app).await, 1, "new answers are grouped");
        let rows = free(&app, &class).await;
        let student = service::decide(&class.students[0], rows[0].id, 1, Points(0), String::new()).await;
        assert_eq!(student.expect_err("no").kind, ErrorKind::Forbidden);

        // Two decisions, one lesson.
        for (row, points) in [(&rows[0], 100), (&rows[1], 200)] {
            service::decide(&class.teacher, row.id, row.version, Points(points), String::new())
                .await
                .expect("decides");
        }
        let first = lesson(&app, "a").await.expect("something to learn");
        assert!(lesson(&app, "b").await.is_none(), "one at a time");
        assert_eq!(
            (first.examples.len(), first.answers.len(), first.regroup),
            (2, 4, false)
        );
        assert_eq!(first.examples[1].points, Points(200), "in the order of the decisions");
        // A decision while it is being learnt is not lost, and is not overwritten by what comes out.
        service::decide(&class.teacher, rows[2].id, rows[2].version, Points(400), String::new())
            .await
            .expect("decides");
        let learned = believe(&first);
        let changed = service::record_lesson(&app.ctx, &first, learned)
            .await
            .expect("records");
        assert_eq!(changed, Some(3));
        let now = free(&app, &class).await;
        let human: Vec<_> = now.iter().map(|row| row.human_points.map(|points| points.0)).collect();
        assert_eq!(human, [Some(100), Some(200), Some(400), None, None, None]);
        assert_eq!(
            now[2].machine_points,
            Points(300),
            "what stood beside the decision stays"
        );
        assert!(
            now[3..]
                .iter()
                .all(|row| row.machine_points == Points(200) && row.review_state == "accepted")
        );
        assert!(
            now[3..].iter().all(|row| row.version == rows[3].version),
            "what is on a desk stays valid"
        );

        // The decision made meanwhile.
        let second = lesson(&app, "a").await.expect("more to learn");
        assert_eq!(second.examples.len(), 3);
        let learned = believe(&second);
        service::record_lesson(&app.ctx, &second, learned)
            .await
            .expect("records");
        assert_eq!(learn_all(&app).await, 0);
        let picture = service::progress(&class.teacher, class.assignment)
            .await
            .expect("a picture");
        let learnt = picture.questions[0].learnt.clone().expect("has learnt");
        assert_eq!(
            (learnt.decisions, learnt.answers, learnt.changed, learnt.lessons),
            (3, 3, 3, 3)
        );
        let events = grade_event::Entity::find().all(app.ctx.db()).await.expect("events");
        assert_eq!(events.iter().filter(|event| event.kind == "learned").count(), 6);

        // Each run can be put together again from what is stored.
        let runs = service::replays(&app.ctx, Some(class.free), None, 9)
            .await
            .expect("runs");
        assert_eq!(runs.len(), 3);
        let last = runs[2].1.as_ref().expect("whole");
        assert_eq!(
            last.examples.as_ref(),
            second.examples.as_ref(),
            "the same decisions in the same order"
        );
        let texts: Vec<_> = second.answers.iter().map(|pupil| pupil.text.clone()).collect();
        assert_eq!((&last.answers, last.target), (&texts, second.target));
        let outcome: Vec<_> = believe(&second).suggestions.iter().map(service::Outcome::of).collect();
        assert_eq!(last.outcome, outcome);
        // Even when the decision has been taken back since.
        let row = free(&app, &class).await.remove(0);
        service::clear(&class.teacher, row.id, row.version)
            .await
            .expect("takes back");
        let runs = service::replays(&app.ctx, Some(class.free), None, 9)
            .await
            .expect("runs");
        assert_eq!(
            runs[2].1.as_ref().expect("whole").examples.as_ref(),
            second.examples.as_ref()
        );
    })
    .await;
}

#[tokio::test]
async fn published_grades_never_change_and_lost_claims_write_nothing() {
    on_each_database(|app| async move {
        let class = class(&app, 4).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let rows = free(&app, &class).await;
        service::decide(&class.teacher, rows[0].id, rows[0].version, Points(400), String::new())
            .await
            .expect("decides");
        let lost = lesson(&app, "a").await.expect("something to learn");
        app.ctx.state.clock.advance(61 * crate::time::Timestamp::SECOND);
        let taken = lesson(&app, "b").await.expect("its claim ran out");
        let learned = believe(&lost);
        assert_eq!(
            service::record_lesson(&app.ctx, &lost, learned).await.expect("says so"),
            None
        );
        assert_eq!(
            free(&app, &class).await[1].machine_points,
            Points(300),
            "nothing was written"
        );

        service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        let learned = believe(&taken);
        assert_eq!(
            service::record_lesson(&app.ctx, &taken, learned)
                .await
                .expect("says so"),
            None
        );
        let row = &free(&app, &class).await[1];
        assert_eq!(row.machine_points, Points(300));
        service::decide(&class.teacher, row.id, row.version, Points(0), String::new())
            .await
            .expect("a person may");
        assert!(lesson(&app, "a").await.is_none(), "nothing is learnt any more");
        assert_eq!(free(&app, &class).await[2].machine_points, Points(300));
        let runs = suggestion_run::Entity::find().all(app.ctx.db()).await.expect("runs");
        assert_eq!(runs.len(), 1, "only the grouping of new answers");
    })
    .await;
}

#[tokio::test]
async fn a_dial_turned_during_a_lesson_stays_as_it_was_turned() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        learn_all(&app).await;
        for row in free(&app, &class).await.iter().take(2) {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        let begun = lesson(&app, "a").await.expect("something to learn");
        assert_eq!(begun.target, DEFAULT_TARGET);
        service::set_dial(&class.teacher, class.assignment, 1000, None)
            .await
            .expect("nothing alone");
        let learned = believe(&begun);
        let recorded = service::record_lesson(&app.ctx, &begun, learned)
            .await
            .expect("says so");
        assert_eq!(recorded, None, "it was made for another aim");
        let undecided = |rows: Vec<grade::Model>| rows.into_iter().skip(2).collect::<Vec<_>>();
        let rows = undecided(free(&app, &class).await);
        assert!(
            rows.iter()
                .all(|row| row.review_state == "waiting" && row.machine_points == Points(300))
        );

        // Nothing is lost: it is learnt for the new aim.
        let again = lesson(&app, "a").await.expect("still due");
        assert_eq!((again.target, again.examples.len(), again.answers.len()), (1000, 2, 4));
        let learned = believe(&again);
        let recorded = service::record_lesson(&app.ctx, &again, learned)
            .await
            .expect("records");
        assert_eq!(recorded, Some(4));
        let rows = undecided(free(&app, &class).await);
        assert!(
            rows.iter()
                .all(|row| row.review_state == "waiting" && row.machine_points == Points(200))
        );
        assert_eq!(learn_all(&app).await, 0);
    })
    .await;
}

#[tokio::test]
async fn taking_the_dial_back_restores_the_models_own_aim() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        learn_all(&app).await;
        service::set_dial(&class.teacher, class.assignment, 800, None)
            .await
            .expect("turns");
        for row in free(&app, &class).await.iter().take(3) {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        // Three decisions make it 80 % sure, which is enough for the dial, and the lesson says so.
        learn_all(&app).await;
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.undecided, dial.accepted), (3, 3));
        let rows = free(&app, &class).await;
        assert!(rows[3..].iter().all(|row| row.machine_decision == "accept"));

        let dial = service::undo_dial(&class.teacher, class.assignment)
            .await
            .expect("undoes");
        assert_eq!((dial.target, dial.accepted), (None, 0));
        let own = dial.choice(DEFAULT_TARGET).expect("offered");
        assert_eq!(
            (own.accepted, own.released, own.held),
            (0, 0, 0),
            "as a dial at 95 % would have it"
        );
        // A decision that is taken back leaves the answer there, too.
        let last = &rows[5];
        service::decide(&class.teacher, last.id, last.version, Points(200), String::new())
            .await
            .expect("decides");
        let back = service::clear(&class.teacher, last.id, last.version + 1)
            .await
            .expect("takes back");
        assert_eq!(back.state, ReviewState::Waiting);
    })
    .await;
}

#[tokio::test]
async fn the_dial_asks_for_as_much_as_lessons_do_after_as_many_decisions() {
    on_each_database(|app| async move {
        let class = class(&app, 8).await;
        // As sure as it has to be for 80 % differs with what the teacher has graded.
        let bar = |graded, confidence| Bar {
            graded,
            thresholds: vec![(800, confidence)],
        };
        let loaded = Loaded {
            name: "test-model".into(),
            device: "cpu".into(),
            bars: vec![bar(0, 0.45), bar(3, 0.85), bar(4, 0.75)],
            report: None,
        };
        grader_model::say(&app.ctx, "w", &loaded).await.expect("is met");
        grade_all(&app).await;
        let open = |target| {
            let teacher = class.teacher.clone();
            async move {
                let dial = service::dial(&teacher, class.assignment).await.expect("a dial");
                (dial.undecided, dial.choice(target).expect("offered").accepted)
            }
        };
        assert_eq!(
            open(800).await,
            (8, 8),
            "half sure is enough before anything was graded"
        );
        learn_all(&app).await;
        let rows = free(&app, &class).await;
        for row in &rows[..3] {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        learn_all(&app).await;
        assert!(
            free(&app, &class).await[3..]
                .iter()
                .all(|row| row.machine_examples == 3)
        );
        assert_eq!(open(800).await, (5, 0), "80 % sure is too little after three");
        let dial = service::set_dial(&class.teacher, class.assignment, 800, Some(0))
            .await
            .expect("turns");
        assert_eq!(dial.accepted, 0);
        service::decide(&class.teacher, rows[3].id, rows[3].version, Points(200), String::new())
            .await
            .expect("decides");
        learn_all(&app).await;
        assert_eq!(open(800).await, (4, 4), "90 % sure is enough after four");
        // What was decided keeps how it came to be.
        let row = &free(&app, &class).await[3];
        assert_eq!(row.machine_examples, 3);
        let back = service::clear(&class.teacher, row.id, row.version)
            .await
            .expect("takes back");
        assert_eq!(back.state, ReviewState::Waiting);
    })
    .await;
}

#[tokio::test]
async fn the_dial_moves_answers_and_is_audited_by_a_blind_sample() {
    on_each_database(|app| async move {
        let class = class(&app, 30).await;
        grade_all(&app).await;
        learn_all(&app).await;
        // Everything at 50 %: nothing is accepted before the teacher has taught a little.
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.target, dial.undecided, dial.accepted), (None, 30, 0));
        assert!(dial.choices.iter().all(|choice| choice.accepted == 0));
        for row in free(&app, &class).await.iter().take(4) {
            service::decide(&class.teacher, row.id, row.version, Points(200), String::new())
                .await
                .expect("decides");
        }
        service::set_dial(&class.teacher, class.assignment, 1000, None)
            .await
            .expect("nothing alone");
        learn_all(&app).await;
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!(
            (dial.undecided, dial.accepted),
            (26, 0),
            "the dial holds back what the model would accept"
        );
        let choice = dial.choice(900).expect("offered").clone();
        // Four decisions make it 90 % sure.
        assert_eq!((choice.accepted, choice.released, choice.held), (26, 26, 0));
        assert_eq!(dial.choice(950).expect("offered").accepted, 0);

        let refused = service::set_dial(&class.teacher, class.assignment, 900, Some(7))
            .await
            .expect_err("other numbers");
        assert_eq!(refused.kind, ErrorKind::Conflict);
        assert_eq!(
            service::set_dial(&class.teacher, class.assignment, 1, None)
                .await
                .expect_err("no")
                .kind,
            ErrorKind::Invalid
        );
        let dial = service::set_dial(&class.teacher, class.assignment, 900, Some(26))
            .await
            .expect("turns");
        assert_eq!(
            (dial.target, dial.accepted, dial.drawn, dial.audit.looked_at),
            (Some(900), 26, 20, 0)
        );

        // The sample shows no suggestion, and counts what people say.
        let filter = QueueFilter {
            question: None,
            state: ReviewState::Accepted,
            sample: true,
        };
        let sample = service::queue(&class.teacher, class.assignment, filter, None, 50)
            .await
            .expect("a queue");
        assert_eq!((sample.items.len(), sample.counts.sample), (20, 20));
        assert!(
            sample
                .items
                .iter()
                .all(|item| item.machine.is_none() && item.problem.is_none())
        );
        for (item, points) in sample.items.iter().zip([200, 200, 300]) {
            service::decide_blind(&class.teacher, item.grade, item.version, Points(points), String::new())
                .await
                .expect("decides");
        }
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.audit.looked_at, dial.audit.agreed), (3, 2));
        let back = &sample.items[2];
        service::clear(&class.teacher, back.grade, back.version + 1)
            .await
            .expect("takes back");
        let dial = service::dial(&class.teacher, class.assignment).await.expect("a dial");
        assert_eq!((dial.audit.looked_at, dial.audit.agreed), (2, 2));

        let dial = service::undo_dial(&class.teacher, class.assignment)
            .await
            .expect("undoes");
        assert_eq!((dial.target, dial.accepted), (Some(1000), 0));
        let dial = service::undo_dial(&class.teacher, class.assignment)
            .await
            .expect("undoes");
        assert_eq!(
            (dial.target, dial.accepted),
            (None, 0),
            "the model's own aim holds again, and 90 % sure is not enough for it"
        );
        assert_eq!(
            service::undo_dial(&class.teacher, class.assignment)
                .await
                .expect_err("nothing left")
                .kind,
            ErrorKind::Conflict
        );
        assert_eq!(
            acts(&app).await,
            ["grading.dial", "grading.dial", "grading.dial_undo", "grading.dial_undo"]
        );
        service::publish(&class.teacher, class.assignment, true)
            .await
            .expect("publishes");
        let refused = service::set_dial(&class.teacher, class.assignment, 900, None)
            .await
            .expect_err("rests");
        assert_eq!(refused.kind, ErrorKind::Conflict);
        let student = service::dial(&class.students[0], class.assignment)
            .await
            .expect_err("no");
        assert_eq!(student.kind, ErrorKind::Forbidden);
    })
    .await;
}

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
        report: None,
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
        service::decide_blind(teacher, one.grade, one.version, Points(300), String::new())
            .await
            .expect("decides");
        service::decide(teacher, one.grade, one.version + 1, Points(0), String::new())
            .await
            .expect("thinks again");
        assert_eq!(audited(&class).await, (1, 1), "the blind word counts");
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
            report: None,
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
            service::decide_blind(teacher, item.grade, item.version, Points(300), String::new())
                .await
                .expect("decides");
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

#[tokio::test]
async fn answers_that_come_between_seeing_and_claiming_a_lesson_are_grouped() {
    on_each_database(|app| async move {
        let class = class(&app, 2).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let row = free(&app, &class).await.remove(0);
        service::decide(&class.teacher, row.id, row.version, Points(100), String::new())
            .await
            .expect("decides");
        let now = app.ctx.now();
        let seen = store::due(app.ctx.db(), now).await.expect("looks").expect("a lesson");
        assert!(!seen.settle);
        store::want(app.ctx.db(), class.free, class.assignment, true)
            .await
            .expect("notes");
        let until = now.plus(Timestamp::HOUR);
        assert!(
            !store::claim(app.ctx.db(), &seen, "w", now, until)
                .await
                .expect("refuses")
        );
        assert!(lesson(&app, "w").await.expect("a lesson").regroup);
    })
    .await;
}

#[tokio::test]
async fn a_group_is_graded_once_split_merged_and_undone() {
    on_each_database(|app| async move {
        let class = class(&app, 6).await;
        grade_all(&app).await;
        learn_all(&app).await;
        let assistant = app.person("Ali").await;
        app.enrol(class.course, &assistant, Role::Assistant).await;
        let look = || service::groups(&assistant, class.assignment, Some(class.free), None, None);
        let groups = look().await.expect("groups");
        let sizes: Vec<_> = groups.groups.iter().map(|group| (group.answers, group.open)).collect();
        assert_eq!((sizes.as_slice(), groups.next), ([(4, 4), (2, 2)].as_slice(), None));
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
        let sizes: Vec<_> = look()
            .await
            .expect("groups")
            .groups
            .iter()
            .map(|group| group.answers)
            .collect();
        assert_eq!(sizes, [4, 2]);

        // One takes an answer out, another puts it elsewhere: undoing the first act does not undo the second.
        let out = service::split(&class.teacher, class.free, vec![rows[1].id])
            .await
            .expect("splits");
        service::merge(&assistant, class.free, rows[1].id, small.group)
            .await
            .expect("merges");
        let undone = service::undo_group_act(&class.teacher, out.act).await.expect("undoes");
        assert_eq!(undone.answers, 0);
        let sizes: Vec<_> = look()
            .await
            .expect("groups")
            .groups
            .iter()
            .map(|group| group.answers)
            .collect();
        assert_eq!(sizes, [3, 3]);
        let other = app.person("Olga").await;
        let refused = service::merge(&other, class.free, small.group, large.group)
            .await
            .expect_err("no");
        assert_eq!(refused.kind, ErrorKind::Forbidden);
    })
    .await;
}
