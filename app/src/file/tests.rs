//! Use cases of attaching files, told on each database.

use super::extract::samples::{docx, paragraph, pdf};
use super::model::{Attachment, FileState, Upload};
use super::{service, store};
use crate::assignment::content::AssignmentContent;
use crate::course::model::Role;
use crate::error::{AppError, ErrorKind};
use crate::ids::{AssignmentId, FileId, QuestionId, SubmissionId};
use crate::platform::Ctx;
use crate::platform::ctx::Client;
use crate::points::Points;
use crate::question::content::QuestionContent;
use crate::question::model::{AnswerValue, Key};
use crate::submission;
use crate::testing::{TestApp, on_each_database};
use crate::time::Timestamp;
use axum::body::Body;
use http::{Request, StatusCode};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tower::ServiceExt as _;

const ORIGIN: &str = "http://127.0.0.1:3000";

/// A teacher, two students, and an open assignment whose first question takes a file.
struct Class {
    app: Arc<TestApp>,
    teacher: Ctx,
    ada: Ctx,
    ben: Ctx,
    assignment: AssignmentId,
    essay: QuestionId,
    words: QuestionId,
    submission: SubmissionId,
}

async fn class(app: Arc<TestApp>) -> Class {
    let (teacher, ada, ben) = (
        app.person("Teacher").await,
        browser(app.person("Ada").await),
        browser(app.person("Ben").await),
    );
    let course = app.course("BIO", &teacher).await;
    app.enrol(course, &ada, Role::Student).await;
    app.enrol(course, &ben, Role::Student).await;
    let content = AssignmentContent {
        title: "Cells".into(),
        instructions: String::new(),
        due_at: Some(app.ctx.now().plus(10 * Timestamp::DAY)),
        closes_at: None,
        late_percent_per_day: 0,
        show_distribution: false,
    };
    let assignment = crate::assignment::service::create(&teacher, course, content)
        .await
        .expect("an assignment");
    let essay = add(&teacher, assignment, true).await;
    let words = add(&teacher, assignment, false).await;
    crate::assignment::service::publish(&teacher, assignment, None)
        .await
        .expect("published");
    let submission = submission::service::start(&ada, assignment).await.expect("started");
    Class {
        app,
        teacher: browser(teacher),
        ada,
        ben,
        assignment,
        essay,
        words,
        submission,
    }
}

fn browser(ctx: Ctx) -> Ctx {
    Ctx {
        client: Arc::new(Client {
            origin: ORIGIN.into(),
            ..Client::default()
        }),
        ..ctx
    }
}

async fn add(teacher: &Ctx, assignment: AssignmentId, allow_file: bool) -> QuestionId {
    let key = Key::ShortAnswer { allow_file };
    let content = QuestionContent {
        prompt: "Explain osmosis.".into(),
        points: Points(400),
        key,
        references: vec!["Water moves.".into()],
        rubric: Vec::new(),
    };
    crate::question::service::add_with(teacher, assignment, content)
        .await
        .expect("a question")
}

impl Class {
    async fn begin(&self, name: &str, size: usize) -> Result<Upload, AppError> {
        service::begin_upload(
            &self.ada,
            self.submission,
            self.essay,
            name.into(),
            String::new(),
            size as i64,
        )
        .await
    }

    /// As the browser does it: through the store's own route.
    async fn send(&self, upload: &Upload, bytes: &[u8]) -> StatusCode {
        let path = upload.url.strip_prefix(ORIGIN).expect("our own origin");
        let mut request = Request::put(path)
            .header("host", "127.0.0.1:3000")
            .header("content-length", bytes.len());
        for (name, value) in &upload.headers {
            request = request.header(name, value);
        }
        let router = self.ada.state.blobs.router().expect("a route");
        router
            .oneshot(request.body(Body::from(bytes.to_vec())).expect("a request"))
            .await
            .expect("an answer")
            .status()
    }

    async fn attach(&self, name: &str, bytes: &[u8]) -> Attachment {
        let upload = self.begin(name, bytes.len()).await.expect("begun");
        assert_eq!(self.send(&upload, bytes).await, StatusCode::OK);
        let sum = hex::encode(Sha256::digest(bytes));
        let done = service::finish_upload(&self.ada, upload.file, Some(sum))
            .await
            .expect("finished");
        assert_eq!(
            self.ada
                .state
                .blobs
                .head(&format!("incoming/{}", upload.file))
                .await
                .expect("head"),
            None,
            "nothing is left where it arrived"
        );
        done
    }

    async fn exists(&self, file: FileId) -> bool {
        self.ada
            .state
            .blobs
            .head(&format!("files/{file}"))
            .await
            .expect("head")
            .is_some()
    }
}

#[tokio::test]
async fn a_file_is_sent_read_attached_and_fetched() {
    on_each_database(|app| async move {
        let class = class(app).await;
        for (name, bytes) in [
            ("osmosis.pdf", pdf(&["Osmosis moves water."], "")),
            ("Osmosis.DOCX", docx(&paragraph("Osmosis moves water."))),
            ("../notes.md", b"Osmosis moves water.\n".to_vec()),
        ] {
            let file = class.attach(name, &bytes).await;
            assert_eq!(
                (file.state, file.excerpt.trim()),
                (FileState::Ready, "Osmosis moves water."),
                "{file:?}"
            );
            assert!(!file.name.contains('/'));
            assert_eq!(
                service::text_of(&class.app.ctx, file.id).await.expect("text").trim(),
                "Osmosis moves water."
            );
            service::attach_to_answer(&class.ada, &file).await.expect("attached");
            let answer = service::answer(&class.ada, class.submission, class.essay)
                .await
                .expect("an answer");
            assert_eq!(
                answer,
                Some(AnswerValue::File {
                    file: file.id,
                    text: String::new()
                })
            );
            for reader in [&class.ada, &class.teacher] {
                let url = service::download(reader, file.id).await.expect("an address");
                assert!(url.starts_with(ORIGIN), "{url}");
            }
        }
        assert_eq!(
            service::list(&class.teacher, class.submission)
                .await
                .expect("a list")
                .len(),
            3
        );
    })
    .await;
}

#[tokio::test]
async fn finishing_twice_is_fine() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let upload = class.begin("a.txt", 5).await.expect("begun");
        assert_eq!(
            service::finish_upload(&class.ada, upload.file, None)
                .await
                .expect_err("not there")
                .kind,
            ErrorKind::Conflict
        );
        assert_eq!(class.send(&upload, b"hello").await, StatusCode::OK);
        let (one, two) = tokio::join!(
            service::finish_upload(&class.ada, upload.file, None),
            service::finish_upload(&class.ada, upload.file, None)
        );
        assert_eq!(one.expect("one"), two.expect("two"));
        let again = service::finish_upload(&class.ada, upload.file, None)
            .await
            .expect("known");
        assert_eq!((again.state, again.excerpt.as_str()), (FileState::Ready, "hello"));
        // The handed-out address no longer reaches the kept file.
        class.send(&upload, b"other").await;
        assert_eq!(
            service::read_text(&class.ada, upload.file).await.expect("text"),
            "hello"
        );
        assert_eq!(
            class
                .ada
                .state
                .blobs
                .get(&format!("files/{}", upload.file))
                .await
                .expect("kept"),
            "hello"
        );
    })
    .await;
}

#[tokio::test]
async fn what_arrives_damaged_is_told_and_not_kept() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let short = class.begin("a.txt", 5).await.expect("begun");
        assert_eq!(class.send(&short, b"hell").await, StatusCode::FORBIDDEN);
        class
            .ada
            .state
            .blobs
            .put(&format!("incoming/{}", short.file), b"hell".to_vec(), "text/plain")
            .await
            .expect("put");
        let done = service::finish_upload(&class.ada, short.file, None)
            .await
            .expect("an outcome");
        assert!(
            done.state == FileState::Rejected && done.problem.is_some_and(|why| why.contains("did not arrive whole"))
        );

        let changed = class.begin("a.txt", 5).await.expect("begun");
        assert_eq!(class.send(&changed, b"hello").await, StatusCode::OK);
        let done = service::finish_upload(&class.ada, changed.file, Some("0".repeat(64)))
            .await
            .expect("an outcome");
        assert!(
            done.state == FileState::Rejected && done.problem.is_some_and(|why| why.contains("changed on its way"))
        );

        let disguised = class.attach("essay.pdf", b"no PDF at all").await;
        assert!(
            disguised.state == FileState::Rejected
                && disguised.problem.is_some_and(|why| why.contains("something else"))
        );
        assert_eq!(
            service::download(&class.ada, disguised.id)
                .await
                .expect_err("not kept")
                .kind,
            ErrorKind::NotFound
        );
        for file in [short.file, changed.file, disguised.id] {
            assert!(!class.exists(file).await);
        }
    })
    .await;
}

#[tokio::test]
async fn only_the_right_file_at_the_right_question_is_announced() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let most = class.ada.state.limits.file_bytes as usize;
        let kind = async |name: &str, size: usize| class.begin(name, size).await.expect_err("refused").kind;
        assert_eq!(kind("virus.exe", 5).await, ErrorKind::Invalid);
        assert_eq!(kind("essay.doc", 5).await, ErrorKind::Invalid);
        assert_eq!(kind("empty.txt", 0).await, ErrorKind::Invalid);
        assert_eq!(kind("large.pdf", most + 1).await, ErrorKind::TooLarge);
        let elsewhere = service::begin_upload(
            &class.ada,
            class.submission,
            class.words,
            "a.txt".into(),
            String::new(),
            5,
        )
        .await;
        assert_eq!(elsewhere.expect_err("takes no file").kind, ErrorKind::Invalid);
        let forged = service::begin_upload(
            &class.ada,
            class.submission,
            QuestionId::new(),
            "a.txt".into(),
            String::new(),
            5,
        )
        .await;
        assert_eq!(forged.expect_err("no such question").kind, ErrorKind::NotFound);
        assert_eq!(
            store::count(class.app.ctx.db(), class.submission)
                .await
                .expect("a count"),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_else_attaches_reads_or_removes() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let file = class.attach("a.txt", b"hello").await;
        let outsider = browser(class.app.person("Outsider").await);
        for other in [&class.ben, &outsider] {
            assert_eq!(
                service::list(other, class.submission)
                    .await
                    .expect_err("not theirs")
                    .kind,
                ErrorKind::Forbidden
            );
            assert_eq!(
                service::download(other, file.id).await.expect_err("not theirs").kind,
                ErrorKind::Forbidden
            );
            assert_eq!(
                service::read_text(other, file.id).await.expect_err("not theirs").kind,
                ErrorKind::Forbidden
            );
        }
        for other in [&class.ben, &outsider, &class.teacher] {
            let begun =
                service::begin_upload(other, class.submission, class.essay, "a.txt".into(), String::new(), 5).await;
            assert_eq!(begun.expect_err("not theirs").kind, ErrorKind::Forbidden);
            assert_eq!(
                service::finish_upload(other, file.id, None)
                    .await
                    .expect_err("not theirs")
                    .kind,
                ErrorKind::Forbidden
            );
            assert_eq!(
                service::remove(other, file.id).await.expect_err("not theirs").kind,
                ErrorKind::Forbidden
            );
        }
        let nobody = Ctx {
            actor: None,
            ..class.ada.clone()
        };
        assert_eq!(
            service::download(&nobody, file.id).await.expect_err("nobody").kind,
            ErrorKind::SignIn
        );
        assert_eq!(
            service::download(&class.ada, FileId::new())
                .await
                .expect_err("no such file")
                .kind,
            ErrorKind::NotFound
        );
    })
    .await;
}

#[tokio::test]
async fn removing_keeps_the_words_beside() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let file = class.attach("a.txt", b"hello").await;
        service::attach_to_answer(&class.ada, &file).await.expect("attached");
        let beside = AnswerValue::File {
            file: file.id,
            text: "see the file".into(),
        };
        let change = submission::model::Change {
            id: crate::ids::JournalId::new(),
            question: class.essay,
            value: beside,
            typed_at: class.ada.now(),
        };
        submission::service::save(&class.ada, class.submission, vec![change])
            .await
            .expect("saved");
        service::remove(&class.ada, file.id).await.expect("removed");
        let answer = service::answer(&class.ada, class.submission, class.essay)
            .await
            .expect("an answer");
        assert_eq!(answer, Some(AnswerValue::Text("see the file".into())));
        assert!(!class.exists(file.id).await);
    })
    .await;
}

#[tokio::test]
async fn after_handing_in_or_closing_nothing_changes() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let file = class.attach("a.txt", b"hello").await;
        let waiting = class.begin("b.txt", 5).await.expect("begun");
        let bens = submission::service::start(&class.ben, class.assignment)
            .await
            .expect("started");
        submission::service::submit(&class.ada, class.submission)
            .await
            .expect("submitted");
        assert_eq!(
            class.begin("c.txt", 5).await.expect_err("handed in").kind,
            ErrorKind::Conflict
        );
        assert_eq!(
            service::finish_upload(&class.ada, waiting.file, None)
                .await
                .expect_err("handed in")
                .kind,
            ErrorKind::Conflict
        );
        assert_eq!(
            service::remove(&class.ada, file.id).await.expect_err("handed in").kind,
            ErrorKind::Conflict
        );
        assert!(service::download(&class.ada, file.id).await.is_ok());
        class.app.ctx.state.clock.advance(11 * Timestamp::DAY);
        let late = service::begin_upload(&class.ben, bens, class.essay, "a.txt".into(), String::new(), 5).await;
        assert_eq!(late.expect_err("closed").kind, ErrorKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn abandoned_uploads_are_swept_after_a_day() {
    on_each_database(|app| async move {
        let class = class(app).await;
        let kept = class.attach("a.txt", b"hello").await;
        let left = class.begin("b.txt", 5).await.expect("begun");
        assert_eq!(class.send(&left, b"hello").await, StatusCode::OK);
        assert_eq!(service::sweep(&class.app.ctx).await.expect("swept"), 0);
        class.app.ctx.state.clock.advance(Timestamp::DAY + Timestamp::HOUR);
        assert_eq!(service::sweep(&class.app.ctx).await.expect("swept"), 1);
        assert_eq!(
            class
                .ada
                .state
                .blobs
                .head(&format!("incoming/{}", left.file))
                .await
                .expect("head"),
            None
        );
        assert!(class.exists(kept.id).await);
        assert_eq!(
            service::list(&class.ada, class.submission).await.expect("a list").len(),
            1
        );
    })
    .await;
}
