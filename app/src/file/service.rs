//! Attaching, checking, reading and removing files.

use crate::course::policy;
use crate::entity::{assignment, file, question, submission};
use crate::error::{AppError, AppResult, ErrorKind};
use crate::file::extract::{Extracted, isolate};
use crate::file::model::{Attachment, FileKind, FileState, Sheet, Upload, clean_name, size_text};
use crate::file::store;
use crate::ids::{FileId, JournalId, QuestionId, SubmissionId};
use crate::platform::blobs::Presigned;
use crate::platform::{Ctx, limits};
use crate::question::model::{AnswerValue, Key};
use crate::submission::model::Change;
use crate::time::Timestamp;
use axum::body::Bytes;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use std::time::Duration;

const TIME_TO_UPLOAD: Duration = Duration::from_secs(15 * 60);
const TIME_TO_FETCH: Duration = Duration::from_secs(5 * 60);
/// The most files in one submission, tries included.
const MOST_FILES: u64 = 40;

/// Announces a file: where the browser may send exactly this many bytes.
pub async fn begin_upload(
    ctx: &Ctx,
    submission: SubmissionId,
    question: QuestionId,
    name: String,
    media_type: String,
    size: i64,
) -> AppResult<Upload> {
    let row = announce(ctx, submission, question, &name, &media_type, size).await?;
    let signed = ctx.state.blobs.presign_put(
        &row.blob_key,
        &ctx.client.origin,
        &row.media_type,
        row.size,
        TIME_TO_UPLOAD,
    );
    let Presigned { url, headers } = signed.await?;
    store::insert(ctx.db(), row.clone()).await?;
    Ok(Upload {
        file: row.id,
        url,
        headers,
    })
}

/// Checks a file that was sent: whole, unchanged, and what it claims to be; reads its text. A file that is not taken is an
/// `Attachment` too, with the reason. `sha256` is the browser's own sum in hex, if it could make one. Asking twice is fine.
pub async fn finish_upload(ctx: &Ctx, file: FileId, sha256: Option<String>) -> AppResult<Attachment> {
    let row = own(ctx, file).await?;
    if row.state != FileState::Pending.name() {
        return Ok(store::attachment(row));
    }
    let Some(head) = ctx.state.blobs.head(&row.blob_key).await? else {
        return not_there(ctx, file).await;
    };
    let incoming = row.blob_key.clone();
    let row = if head.size == row.size {
        match ctx.state.blobs.get(&row.blob_key).await {
            Ok(bytes) => check(ctx, row, bytes, sha256).await?,
            Err(error) if error.kind == ErrorKind::NotFound => return not_there(ctx, file).await,
            Err(error) => return Err(error),
        }
    } else {
        let (came, said) = (size_text(head.size), size_text(row.size));
        rejected(
            row,
            format!("The file did not arrive whole ({came} instead of {said}). Attach it again."),
        )
    };
    settle(ctx, row, Some(&incoming)).await
}

/// Nothing lies where the file should have arrived: either it did not, or somebody asked at the same moment and was faster.
async fn not_there(ctx: &Ctx, file: FileId) -> AppResult<Attachment> {
    let row = store::one(ctx.db(), file).await?;
    if row.state == FileState::Pending.name() {
        return Err(AppError::conflict("The file has not arrived yet. Attach it again."));
    }
    Ok(store::attachment(row))
}

/// The same in one go, for a browser without script.
pub async fn upload_through(
    ctx: &Ctx,
    submission: SubmissionId,
    question: QuestionId,
    name: String,
    media_type: String,
    bytes: Bytes,
) -> AppResult<Attachment> {
    let size = i64::try_from(bytes.len()).map_err(AppError::internal)?;
    let row = announce(ctx, submission, question, &name, &media_type, size).await?;
    store::insert(ctx.db(), row.clone()).await?;
    let row = check(ctx, row, bytes, None).await?;
    settle(ctx, row, None).await
}

/// Takes a file off its answer. The words beside it stay.
pub async fn remove(ctx: &Ctx, file: FileId) -> AppResult<()> {
    let row = own(ctx, file).await?;
    if let Some(AnswerValue::File { file: attached, text }) = answer(ctx, row.submission_id, row.question_id).await?
        && attached == file
    {
        change(ctx, row.submission_id, row.question_id, AnswerValue::Text(text)).await?;
    }
    store::delete(ctx.db(), file).await?;
    // The row is gone, so nobody sees the file any more; a store that fails now leaves bytes behind, not a wrong answer.
    if let Err(error) = ctx.state.blobs.delete(&row.blob_key).await {
        tracing::warn!(key = row.blob_key, %error, "a removed file could not be deleted from the store");
    }
    Ok(())
}

/// Puts a checked file into the answer of its question, beside the words that are there. For browsers without script; with
/// script the answer page does this itself.
pub async fn attach_to_answer(ctx: &Ctx, attachment: &Attachment) -> AppResult<()> {
    let before = answer(ctx, attachment.submission, attachment.question).await?;
    let text = before.map(|value| value.text().to_owned()).unwrap_or_default();
    change(
        ctx,
        attachment.submission,
        attachment.question,
        AnswerValue::File {
            file: attachment.id,
            text,
        },
    )
    .await
}

/// The answer that stands now.
pub async fn answer(ctx: &Ctx, submission: SubmissionId, question: QuestionId) -> AppResult<Option<AnswerValue>> {
    let answers = crate::submission::store::answers(ctx.db(), submission).await?;
    let row = answers.into_iter().find(|row| row.question_id == question);
    row.map(|row| serde_json::from_str(&row.value).map_err(AppError::internal))
        .transpose()
}

/// Changes the answer through the journal, as if typed.
async fn change(ctx: &Ctx, submission: SubmissionId, question: QuestionId, value: AnswerValue) -> AppResult<()> {
    let change = Change {
        id: JournalId::new(),
        question,
        value,
        typed_at: ctx.now(),
    };
    let saved = crate::submission::service::save(ctx, submission, vec![change]).await?;
    match saved.refused.first() {
        None => Ok(()),
        Some(refused) => Err(AppError::conflict(refused.message.clone())),
    }
}

/// The files of a submission, for its student and for staff.
pub async fn list(ctx: &Ctx, submission: SubmissionId) -> AppResult<Vec<Attachment>> {
    policy::submission(ctx, submission).await?;
    store::attachments(ctx.db(), submission).await
}

/// One file, for its student and for staff.
pub async fn get(ctx: &Ctx, file: FileId) -> AppResult<Attachment> {
    visible(ctx, file).await.map(store::attachment)
}

/// An address from which the file can be fetched for five minutes.
pub async fn download(ctx: &Ctx, file: FileId) -> AppResult<String> {
    let row = visible(ctx, file).await?;
    if row.state != FileState::Ready.name() {
        return Err(AppError::not_found("The file"));
    }
    ctx.state
        .blobs
        .presign_get(&row.blob_key, &ctx.client.origin, &row.name, TIME_TO_FETCH)
        .await
}

/// What the page for attaching without script shows.
pub async fn sheet(ctx: &Ctx, submission: SubmissionId, question: QuestionId) -> AppResult<Sheet> {
    let (row, assignment) = policy::own_submission(ctx, submission).await?;
    let rows = question::Entity::find()
        .filter(question::Column::AssignmentId.eq(assignment.id))
        .order_by_asc(question::Column::Position);
    let ids: Vec<QuestionId> = rows.all(ctx.db()).await?.into_iter().map(|row| row.id).collect();
    let place = ids
        .iter()
        .position(|id| *id == question)
        .ok_or_else(|| AppError::not_found("The question"))?;
    let attached = match answer(ctx, submission, question).await? {
        Some(AnswerValue::File { file, .. }) => Some(file),
        _ => None,
    };
    let files = store::of_submission(ctx.db(), submission)
        .await?
        .into_iter()
        .filter(|file| file.question_id == question);
    let files: Vec<Attachment> = files.map(store::attachment).collect();
    Ok(Sheet {
        submission,
        question,
        number: u32::try_from(place + 1).unwrap_or(u32::MAX),
        assignment: assignment.id,
        title: assignment.title.clone(),
        refused: files.last().filter(|file| file.state == FileState::Rejected).cloned(),
        attached: files.into_iter().find(|file| Some(file.id) == attached),
        most: ctx.state.limits.file_bytes,
        open: must_be_open(ctx, &row, &assignment).is_ok(),
    })
}

/// The whole text the grader reads, for the file's student and for staff.
pub async fn read_text(ctx: &Ctx, file: FileId) -> AppResult<String> {
    Ok(visible(ctx, file).await?.extracted_text.unwrap_or_default())
}

/// The text of a file, for grading: no questions asked.
pub async fn text_of(ctx: &Ctx, file: FileId) -> AppResult<String> {
    Ok(store::one(ctx.db(), file).await?.extracted_text.unwrap_or_default())
}

/// Removes uploads that were begun more than a day ago and never finished; how many.
pub async fn sweep(ctx: &Ctx) -> AppResult<u32> {
    let before = ctx.now().plus(-Timestamp::DAY);
    let mut swept = 0;
    loop {
        let rows = store::stale(ctx.db(), before).await?;
        if rows.is_empty() {
            return Ok(swept);
        }
        for row in rows {
            ctx.state.blobs.delete(&incoming_key(row.id)).await?;
            ctx.state.blobs.delete(&kept_key(row.id)).await?;
            store::delete(ctx.db(), row.id).await?;
            swept += 1;
        }
    }
}

/// May this file be attached here and now? The row to be, if so.
async fn announce(
    ctx: &Ctx,
    submission: SubmissionId,
    question: QuestionId,
    name: &str,
    media_type: &str,
    size: i64,
) -> AppResult<file::Model> {
    let (submission, assignment) = policy::own_submission(ctx, submission).await?;
    must_be_open(ctx, &submission, &assignment)?;
    let found = question::Entity::find_by_id(question)
        .one(ctx.db())
        .await?
        .filter(|found| found.assignment_id == assignment.id);
    let found = found.ok_or_else(|| AppError::not_found("The question"))?;
    let key: Key = serde_json::from_str(&found.settings).map_err(AppError::internal)?;
    if !matches!(key, Key::ShortAnswer { allow_file: true }) {
        return Err(AppError::invalid(
            "This question takes no file. Write your answer in the text field.",
        ));
    }
    let name = clean_name(name);
    let Some(kind) = FileKind::of(&name, media_type) else {
        return Err(AppError::field(
            "file",
            format!("“{name}” is of a kind that cannot be read here. Attach a PDF, DOCX, TXT or Markdown file."),
        ));
    };
    let most = ctx.state.limits.file_bytes;
    match size {
        ..=0 => {
            return Err(AppError::field(
                "file",
                "The file is empty. Check that you picked the right one.",
            ));
        }
        _ if size > most => {
            let words = format!(
                "The file is too large: {}, and at most {} are taken. Attach a smaller one.",
                size_text(size),
                size_text(most)
            );
            return Err(AppError {
                kind: ErrorKind::TooLarge,
                ..AppError::field("file", words)
            });
        }
        _ => {}
    }
    if store::count(ctx.db(), submission.id).await? >= MOST_FILES {
        return Err(AppError::conflict(format!(
            "This submission already has {MOST_FILES} files. Remove one before you attach another."
        )));
    }
    let actor = ctx.actor()?;
    limits::count(ctx, limits::WRITE, &actor.id.to_string()).await?;
    let id = FileId::new();
    let name = if name.contains('.') {
        name
    } else {
        format!("{name}.{}", kind.ending())
    };
    Ok(file::Model {
        id,
        owner_id: actor.id,
        submission_id: submission.id,
        question_id: question,
        name,
        media_type: kind.media_type().into(),
        size,
        sha256: None,
        blob_key: incoming_key(id),
        state: FileState::Pending.name().into(),
        problem: None,
        extracted_text: None,
        created_at: ctx.now(),
    })
}

/// Looks at the content; stores it for good if it is taken.
async fn check(ctx: &Ctx, row: file::Model, bytes: Bytes, claimed: Option<String>) -> AppResult<file::Model> {
    let sum = hex::encode(Sha256::digest(&bytes));
    if claimed.is_some_and(|claimed| !claimed.eq_ignore_ascii_case(&sum)) {
        return Ok(rejected(row, "The file changed on its way. Attach it again.".into()));
    }
    let kind =
        FileKind::of(&row.name, &row.media_type).ok_or_else(|| AppError::internal("a stored file is of no kind"))?;
    match isolate::run(kind, bytes.clone()).await? {
        Err(problem) => Ok(rejected(row, problem)),
        Ok(Extracted { text, note }) => {
            let key = kept_key(row.id);
            ctx.state.blobs.put(&key, bytes, &row.media_type).await?;
            let ready = FileState::Ready.name().into();
            Ok(file::Model {
                state: ready,
                problem: note.map(short),
                sha256: Some(sum),
                blob_key: key,
                extracted_text: Some(text),
                ..row
            })
        }
    }
}

/// Records the outcome and removes what is no longer needed.
async fn settle(ctx: &Ctx, row: file::Model, incoming: Option<&str>) -> AppResult<Attachment> {
    if row.state == FileState::Rejected.name() {
        ctx.state.counters.failed_upload();
    }
    let first = store::settle(ctx.db(), &row).await?;
    if let Some(key) = incoming
        && let Err(error) = ctx.state.blobs.delete(key).await
    {
        tracing::warn!(key, %error, "a checked upload could not be deleted from the store");
    }
    // Somebody else finished it at the same moment: what they recorded counts.
    let row = if first {
        row
    } else {
        store::one(ctx.db(), row.id).await?
    };
    Ok(store::attachment(row))
}

fn rejected(row: file::Model, problem: String) -> file::Model {
    file::Model {
        state: FileState::Rejected.name().into(),
        problem: Some(short(problem)),
        ..row
    }
}

/// The column takes 300 characters.
fn short(words: String) -> String {
    words.chars().take(300).collect()
}

fn incoming_key(id: FileId) -> String {
    format!("incoming/{id}")
}

fn kept_key(id: FileId) -> String {
    format!("files/{id}")
}

async fn visible(ctx: &Ctx, file: FileId) -> AppResult<file::Model> {
    ctx.actor()?;
    let row = store::one(ctx.db(), file).await?;
    policy::submission(ctx, row.submission_id).await?;
    Ok(row)
}

/// The file, if the actor may still change the submission it belongs to.
async fn own(ctx: &Ctx, file: FileId) -> AppResult<file::Model> {
    ctx.actor()?;
    let row = store::one(ctx.db(), file).await?;
    let (submission, assignment) = policy::own_submission(ctx, row.submission_id).await?;
    must_be_open(ctx, &submission, &assignment)?;
    Ok(row)
}

fn must_be_open(ctx: &Ctx, submission: &submission::Model, assignment: &assignment::Model) -> AppResult<()> {
    if submission.submitted_at.is_some() {
        return Err(AppError::conflict(
            "This submission is handed in; its files can no longer be changed.",
        ));
    }
    if !ctx.dates(assignment).takes_answers(ctx.now()) {
        return Err(AppError::conflict(
            "This assignment takes no more answers, so its files can no longer be changed.",
        ));
    }
    Ok(())
}
