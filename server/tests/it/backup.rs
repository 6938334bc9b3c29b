//! Backups: what comes back, on either database and from one to the other, and what is refused.

use super::support::{Database, School, TestApp};
use app::entity::{answer, file, submission};
use app::time::Timestamp;
use reqwest::Method;
use sea_orm::EntityTrait;
use server::backup::env::Env;
use server::backup::restore::{Order, restore};
use server::backup::{create, prove, prune};
use server::verify::{Checks, migration as verify_migration};

const CONTENT: &[u8] = b"Chlorophyll catches light; the sugar is made in the dark.";

/// A school with an answer handed in and a file attached to it.
async fn school(app: &TestApp) -> School {
    let mut school = School::open(app).await;
    school.hand_in("Carbon dioxide and water, and light 🌞.").await;
    let key = "files/kept.txt";
    app.parts.state.blobs.put(key, CONTENT, "text/plain").await.unwrap();
    school
}

async fn env_of(app: &TestApp) -> Env {
    Env {
        clock: app.ctx.state.clock.clone(),
        ..Env::open(&app.parts.config).await.unwrap()
    }
}

fn order(to: &str) -> Order {
    Order {
        from: "latest".into(),
        to: to.into(),
        replace: false,
        signer: None,
        files: true,
        replay_follows: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_back_on_either_database_and_from_one_to_the_other() {
    for (from, to) in pairs() {
        let app = TestApp::on(from).await;
        let school = school(&app).await;
        let env = env_of(&app).await;
        let db = Some(&app.ctx.state.db);
        let manifest = create::create(&env, db).await.unwrap();
        assert_eq!((manifest.files, manifest.new_files), (1, 1), "{from:?}");
        let proof = prove::prove(&env, db, &manifest.id, true).await.unwrap();
        assert_eq!((proof.rows, proof.files_read), (manifest.rows(), 1));

        // What came after the backup is not in it; a file that is gone is put back.
        app.user("Late Comer", false).await;
        app.parts.state.blobs.delete("files/kept.txt").await.unwrap();
        let empty = TestApp::on(to).await;
        empty.user("Nobody Else", false).await;
        let target = empty.parts.config.database_url();
        let full = restore(&env, &order(&target), |_| {}).await.unwrap_err().to_string();
        assert!(full.contains("holds data. Nothing was changed"), "{full}");
        let replacing = Order {
            replace: true,
            ..order(&target)
        };
        let restored = restore(&env, &replacing, |_| {}).await.unwrap();
        assert_eq!((restored.rows, restored.files_put), (manifest.rows(), 1));
        assert_eq!(app.parts.state.blobs.get("files/kept.txt").await.unwrap(), CONTENT);

        let (old, new) = (app.ctx.db(), empty.ctx.db());
        assert_eq!(
            submission::Entity::find().all(old).await.unwrap(),
            submission::Entity::find().all(new).await.unwrap()
        );
        assert_eq!(
            answer::Entity::find().all(old).await.unwrap(),
            answer::Entity::find().all(new).await.unwrap()
        );
        assert_eq!(file::Entity::find().all(new).await.unwrap(), []);
        let mut checks = Checks::new(true);
        verify_migration::migration(&empty.parts.config, &mut checks).await;
        assert_eq!(checks.failed(), 0, "{:?}", checks.list);
        // People go on where they were: the same password, the same assignment.
        let teacher = empty.sign_in("Tess Teacher").await;
        let shown = teacher
            .ok(Method::GET, &format!("/assignments/{}", school.id("assignment")), None)
            .await;
        assert_eq!(shown["title"], "Light");
    }
}

fn pairs() -> Vec<(Database, Database)> {
    let all = Database::all();
    all.iter()
        .flat_map(|from| all.iter().map(move |to| (*from, *to)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_found_before_anything_is_changed() {
    let app = TestApp::start().await;
    school(&app).await;
    let env = env_of(&app).await;
    let manifest = create::create(&env, None).await.unwrap();
    let place = &env.place.blobs;
    let whole = place.get(&manifest.database.key).await.unwrap();

    // One bit in the sealed database.
    let mut bent = whole.to_vec();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    place
        .put(&manifest.database.key, bent, "application/octet-stream")
        .await
        .unwrap();
    let error = prove::prove(&env, None, "latest", true).await.unwrap_err();
    assert!(format!("{error:#}").contains("is damaged"), "{error:#}");
    let target = TestApp::start().await;
    let into = Order {
        replace: true,
        ..order(&target.parts.config.database_url())
    };
    target.user("Still Here", false).await;
    assert!(restore(&env, &into, |_| {}).await.is_err());
    target.sign_in("Still Here").await;
    place
        .put(&manifest.database.key, whole, "application/octet-stream")
        .await
        .unwrap();

    // Another manifest than the one that was signed.
    let key = format!("backups/{}/manifest.json", manifest.id);
    let signed = place.get(&key).await.unwrap();
    let text = String::from_utf8(signed.to_vec()).unwrap();
    let forged = text.replacen("\"files\": 1", "\"files\": 0", 1);
    assert_ne!(forged, text);
    place.put(&key, forged.into_bytes(), "application/json").await.unwrap();
    assert!(prove::prove(&env, None, "latest", true).await.is_err());
    place.put(&key, signed, "application/json").await.unwrap();

    // Without the private key there is a backup, and no way to read it.
    prove::prove(&env, None, "latest", true).await.unwrap();
    let sealed = place.get(&manifest.database.key).await.unwrap();
    assert!(!contains(&sealed, b"Carbon dioxide") && !contains(&sealed, b"Tess"));
    let mut elsewhere = app.parts.config.clone();
    elsewhere.backup.identity_file = Some(app.parts.config.server.data_dir.join("no-such-key"));
    let blind = Env {
        config: elsewhere,
        ..env.clone()
    };
    let error = prove::prove(&blind, None, "latest", true).await.unwrap_err();
    assert!(format!("{error:#}").contains("private key"), "{error:#}");
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_ones_go_but_never_the_last_proven_one() {
    let app = TestApp::start().await;
    school(&app).await;
    let env = env_of(&app).await;
    let clock = &app.ctx.state.clock;
    let db = Some(&app.ctx.state.db);
    let proven = create::create(&env, db).await.unwrap();
    prove::prove(&env, db, &proven.id, false).await.unwrap();
    clock.advance(Timestamp::DAY);
    let unproven = create::create(&env, db).await.unwrap();
    assert_eq!(unproven.new_files, 0, "a file that did not change is not sent again");
    clock.advance(40 * Timestamp::DAY);
    let newest = create::create(&env, db).await.unwrap();

    let would = prune::prune(&env, db, 30, true).await.unwrap();
    assert_eq!(would.backups, std::slice::from_ref(&unproven.id));
    assert_eq!(env.place.ids().await.unwrap().0.len(), 3, "a dry run removes nothing");
    prune::prune(&env, db, 30, false).await.unwrap();
    assert_eq!(env.place.ids().await.unwrap().0, [proven.id.clone(), newest.id.clone()]);
    // Both still come back with their file.
    for id in [&proven.id, &newest.id] {
        assert_eq!(prove::prove(&env, db, id, true).await.unwrap().files_read, 1);
    }
    let numbers = app.parts.metrics.scrape(&app.ctx.state).await;
    let line = |name: &str| numbers.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(
        !line("backup_last_proven_timestamp_seconds").ends_with(" 0"),
        "{numbers}"
    );
    assert!(!line("backup_last_created_timestamp_seconds").ends_with(" 0"));
    // Only one process at a time.
    let (one, other) = tokio::join!(create::create(&env, db), create::create(&env, db));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(env.place.ids().await.unwrap().0.len(), 3);
}
