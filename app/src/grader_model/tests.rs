//! Stories about models: registering, switching, going back, trying.

use super::bars::Bar;
use super::model::{Comparison, Registry, TrialState, Verdicts, precision, without_precision};
use super::service::{self, BuiltIn, Loaded};
use super::trials;
use crate::entity::audit_entry;
use crate::error::ErrorKind;
use crate::ids::{AssignmentId, GradeId, ModelId};
use crate::platform::Ctx;
use crate::platform::state::{GraderReport, GraderStatus, HeadFacts};
use crate::points::Points;
use crate::testing::on_each_database;
use async_trait::async_trait;
use sea_orm::EntityTrait;
use std::sync::Arc;
use std::time::Duration;

fn bars(confidence: f32) -> Vec<Bar> {
    vec![Bar {
        graded: 0,
        thresholds: vec![(950, confidence)],
    }]
}

/// Reads heads that are just a word.
struct Reader;

#[async_trait]
impl GraderStatus for Reader {
    async fn report(&self) -> GraderReport {
        GraderReport {
            runs_here: true,
            healthy: true,
            model: "test".into(),
            device: "cpu".into(),
            waiting: 0,
        }
    }

    async fn read_head(&self, head: &[u8]) -> Result<HeadFacts, String> {
        match std::str::from_utf8(head) {
            Ok(word) if word.starts_with("head-") => Ok(HeadFacts {
                name: format!("encoder+{word}"),
                bars: bars(0.8),
            }),
            _ => Err("it was trained on other features".into()),
        }
    }
}

fn reading(ctx: &Ctx) -> Ctx {
    let mut ctx = ctx.clone();
    ctx.state.grader = Arc::new(Reader);
    ctx
}

fn loaded(name: &str) -> Loaded {
    Loaded {
        name: name.into(),
        device: "cpu".into(),
        bars: bars(0.7),
        problem: None,
    }
}

async fn active(ctx: &Ctx) -> String {
    service::wanted(ctx)
        .await
        .expect("a question")
        .expect("one is active")
        .name
}

#[tokio::test]
async fn a_worker_says_what_the_register_did_not_know() {
    on_each_database(|app| async move {
        let stored = || async {
            let row = super::store::named(app.ctx.db(), "encoder+head-1").await.expect("asks");
            Bar::stored(&row.expect("registered").thresholds)
        };
        for confidence in [0.7, 0.8] {
            let loaded = Loaded {
                bars: bars(confidence),
                ..loaded("encoder+head-1")
            };
            service::say(&app.ctx, "worker-1", &loaded).await.expect("is met");
            assert_eq!(stored().await, loaded.bars);
        }
    })
    .await;
}

#[tokio::test]
async fn a_built_in_head_is_kept_like_any_other() {
    on_each_database(|app| async move {
        let row = || async {
            let row = super::store::named(app.ctx.db(), "encoder@1a2b3c4d+head-1").await;
            row.expect("asks").expect("registered")
        };
        // Registered by a program that kept none, and named how exactly it computed.
        service::say(&app.ctx, "worker-1", &loaded("encoder@1a2b3c4d:bf16+head-1"))
            .await
            .expect("met");
        assert_eq!((row().await.head_hash, row().await.active), (None, true));
        let built_in = BuiltIn {
            name: "encoder@1a2b3c4d+head-1".into(),
            bars: bars(0.7),
            head: "head-1",
            report: "{}",
        };
        for _ in 0..2 {
            service::meet(&app.ctx, &built_in).await.expect("is kept");
        }
        let wanted = service::wanted(&app.ctx).await.expect("asks").expect("one is active");
        let hash = wanted.head.expect("a file");
        assert_eq!(service::head(&app.ctx, &hash).await.expect("the file"), b"head-1");
        assert_eq!(super::store::all(app.ctx.db()).await.expect("asks").len(), 1);
        let stored = service::registered(&app.ctx, "encoder@1a2b3c4d:int8+head-1").await;
        assert_eq!(stored.expect("asks").expect("the same").name, wanted.name);

        // That of the next version is met beside it, and does not grade unasked.
        let next = BuiltIn {
            name: "encoder@1a2b3c4d+head-2".into(),
            head: "head-2",
            ..built_in
        };
        service::meet(&app.ctx, &next).await.expect("is kept");
        assert_eq!(active(&app.ctx).await, wanted.name);

        let stuck = Loaded {
            problem: Some("no file".repeat(100)),
            ..loaded("encoder@1a2b3c4d+head-2")
        };
        service::say(&app.ctx, "worker-1", &stuck).await.expect("says");
        let admin = reading(&app.admin("Ada").await);
        let told = |registry: Registry| registry.workers[0].problem.clone();
        let problem = told(service::registry(&admin).await.expect("a picture"));
        assert!(problem.is_some_and(|why| why.starts_with("no file") && why.len() == 300));
        service::say(&app.ctx, "worker-1", &loaded("encoder@1a2b3c4d+head-1"))
            .await
            .expect("says");
        assert_eq!(told(service::registry(&admin).await.expect("a picture")), None);
    })
    .await;
}

#[test]
fn a_registered_name_leaves_out_how_exactly_it_computes() {
    for (name, plain, exactly) in [
        ("e@1a2b3c4d+head-5@5e6f7a8b", "e@1a2b3c4d+head-5@5e6f7a8b", None),
        (
            "e@1a2b3c4d:bf16+head-5@5e6f7a8b",
            "e@1a2b3c4d+head-5@5e6f7a8b",
            Some("bf16"),
        ),
        ("a:b+c@1a2b3c4d:int8+h", "a:b+c@1a2b3c4d+h", Some("int8")),
        ("e@1a2b3c4d+h:x+y", "e@1a2b3c4d+h:x+y", None),
        ("rules-1", "rules-1", None),
    ] {
        assert_eq!((&*without_precision(name), precision(name)), (plain, exactly));
    }
}

#[tokio::test]
async fn a_model_is_registered_activated_and_rolled_back() {
    on_each_database(|app| async move {
        let admin = reading(&app.admin("Ada").await);
        service::say(&app.ctx, "worker-1", &loaded("encoder+head-1"))
            .await
            .expect("the built-in model is met");
        assert_eq!(active(&app.ctx).await, "encoder+head-1");

        let refused = service::register(&admin, b"junk".to_vec(), None)
            .await
            .expect_err("no head");
        assert!(refused.message.contains("other features") || refused.fields[0].message.contains("other features"));
        let refused = service::register(&admin, b"head-2".to_vec(), Some("[]x".into()))
            .await
            .expect_err("no report");
        assert_eq!(refused.fields[0].field, "report");
        let other = format!(r#"{{"head":"{}","tables":[]}}"#, "0".repeat(64));
        let refused = service::register(&admin, b"head-2".to_vec(), Some(other))
            .await
            .expect_err("of another head");
        assert!(refused.fields[0].message.contains("another head"));
        let report = r#"{"tables":[{"name":"all","answers":10,"questions":2,"agreement":0.75}]}"#;
        let id = service::register(&admin, b"head-2".to_vec(), Some(report.into()))
            .await
            .expect("registers");
        let twice = service::register(&admin, b"head-2".to_vec(), None)
            .await
            .expect_err("once");
        assert_eq!(twice.kind, ErrorKind::Conflict);
        assert_eq!(
            active(&app.ctx).await,
            "encoder+head-1",
            "registering activates nothing"
        );

        service::activate(&admin, id).await.expect("activates");
        let wanted = service::wanted(&app.ctx).await.expect("a question").expect("one");
        assert_eq!(wanted.name, "encoder+head-2");
        let hash = wanted.head.expect("a file");
        assert_eq!(service::head(&app.ctx, &hash).await.expect("the file"), b"head-2");
        let again = service::activate(&admin, id).await.expect_err("is active");
        assert_eq!(again.kind, ErrorKind::Conflict);

        let registry = service::registry(&admin).await.expect("a picture");
        assert_eq!((registry.models.len(), registry.workers.len()), (2, 1));
        assert!(registry.models[0].active && registry.models[0].quality[0].agreement == 0.75);
        assert_eq!(registry.before, Some(registry.models[1].id));

        let (now, before) = (registry.models[0].id, registry.models[1].id);
        service::roll_back(&admin, now, before).await.expect("goes back");
        assert_eq!(active(&app.ctx).await, "encoder+head-1");
        // Somebody else confirms the same dialog.
        let stale = service::roll_back(&admin, now, before).await.expect_err("overtaken");
        assert_eq!(stale.kind, ErrorKind::Conflict);
        assert!(stale.message.contains("encoder+head-1"), "{}", stale.message);
        assert_eq!(active(&app.ctx).await, "encoder+head-1", "it did not go forward");
        app.ctx.state.clock.advance(61 * crate::time::Timestamp::SECOND);
        assert!(
            service::registry(&admin).await.expect("a picture").workers.is_empty(),
            "silent workers are not listed"
        );
        let acts: Vec<String> = audit_entry::Entity::find()
            .all(app.ctx.db())
            .await
            .expect("log")
            .into_iter()
            .map(|row| row.action)
            .collect();
        assert_eq!(acts, ["model.register", "model.activate", "model.roll_back"]);
        let teacher = app.person("Tess").await;
        assert_eq!(
            service::registry(&teacher).await.expect_err("no").kind,
            ErrorKind::Forbidden
        );
        assert_eq!(
            service::activate(&teacher, id).await.expect_err("no").kind,
            ErrorKind::Forbidden
        );
    })
    .await;
}

#[tokio::test]
async fn a_trial_is_worked_on_by_one_worker_and_told() {
    on_each_database(|app| async move {
        let admin = reading(&app.admin("Ada").await);
        service::say(&app.ctx, "worker-1", &loaded("encoder+head-1"))
            .await
            .expect("met");
        let id = service::register(&admin, b"head-2".to_vec(), None)
            .await
            .expect("registers");
        assert_eq!(
            trials::ask(&admin, ModelId::new(), 10).await.expect_err("none").kind,
            ErrorKind::NotFound
        );
        assert!(trials::ask(&admin, id, 0).await.is_err() && trials::ask(&admin, id, 5000).await.is_err());
        trials::ask(&admin, id, 10).await.expect("asks");
        assert_eq!(
            trials::ask(&admin, id, 10).await.expect_err("one at a time").kind,
            ErrorKind::Conflict
        );

        let lease = Duration::from_secs(60);
        let work = trials::claim(&app.ctx, "a", lease)
            .await
            .expect("claims")
            .expect("there is one");
        assert_eq!(work.candidate.name, "encoder+head-2");
        assert!(trials::claim(&app.ctx, "b", lease).await.expect("a question").is_none());
        app.ctx.state.clock.advance(61 * crate::time::Timestamp::SECOND);
        assert!(
            trials::claim(&app.ctx, "b", lease).await.expect("claims").is_some(),
            "the first died"
        );
        // Told to stop, it hands the trial back at once; the first one's word counts no longer.
        trials::hand_back(&app.ctx, work.trial, "a")
            .await
            .expect("is not its own");
        assert!(trials::claim(&app.ctx, "c", lease).await.expect("asks").is_none());
        trials::hand_back(&app.ctx, work.trial, "b").await.expect("hands back");
        assert!(trials::claim(&app.ctx, "b", lease).await.expect("claims").is_some());
        for (worker, ours) in [("a", false), ("b", true)] {
            let goes_on = trials::go_on(&app.ctx, work.trial, worker, lease).await;
            assert_eq!(goes_on.expect("asks"), ours);
        }
        let found = Comparison::of("encoder+head-1", &[]);
        assert!(
            !trials::record(&app.ctx, work.trial, "a", Ok(found.clone()))
                .await
                .expect("says so")
        );
        assert!(
            trials::record(&app.ctx, work.trial, "b", Ok(found))
                .await
                .expect("records")
        );
        let trial = service::registry(&admin).await.expect("a picture").trials.remove(0);
        assert_eq!(
            (trial.state, trial.result.map(|result| result.answers)),
            (TrialState::Done, Some(0))
        );
    })
    .await;
}

#[test]
fn a_comparison_counts_what_changed() {
    let one = |human: Option<i32>, active: (i32, bool), candidate: (i32, bool)| Verdicts {
        grade: GradeId(uuid::Uuid::nil()),
        assignment: AssignmentId(uuid::Uuid::nil()),
        of: Points(400),
        human: human.map(Points),
        active: (Points(active.0), active.1),
        candidate: (Points(candidate.0), candidate.1),
    };
    let found = Comparison::of(
        "a",
        &[
            one(Some(400), (200, false), (400, true)),
            one(Some(100), (100, true), (100, true)),
            one(None, (300, false), (200, false)),
        ],
    );
    assert_eq!(
        (found.answers, found.other_points, found.other_decision, found.decided),
        (3, 2, 1, 2)
    );
    assert_eq!((found.of_active.agreed, found.of_candidate.agreed), (1, 2));
    assert_eq!((found.of_active.accepted, found.of_candidate.accepted), (1, 2));
    // Half of the points off in one of two, nothing in the other.
    assert!((found.of_active.rmse.expect("decided") - (0.25f64 / 2.0).sqrt()).abs() < 1e-12);
    assert_eq!(found.of_candidate.rmse, Some(0.0));
    assert!((found.apart - (f64::from(4 + 1) / 16.0 / 3.0).sqrt()).abs() < 1e-12);
    assert_eq!(found.examples[0].candidate, Points(400), "the widest difference first");
}
