//! The import form's own door. It takes a file or pasted text as an ordinary form, so it needs no JavaScript, and answers with the
//! import page itself: what was sent stays on the page until it is confirmed, and no server has to remember it.

use crate::admin::one_time::cookie;
use crate::course::import::{Draft, MOST_BYTES};
use crate::course::{api, service};
use crate::error::{AppError, AppResult, ErrorKind};
use crate::platform::{AppState, Ctx};
use ::http::{HeaderValue, Method, StatusCode, header};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use leptos::prelude::provide_context;

/// Routes beside the pages; merge into the main router, inside its layers.
pub fn router() -> Router<AppState> {
    // Two copies of the text may be in one form, and multipart adds a little.
    Router::new()
        .route("/courses/{course}/people/import", post(import))
        .layer(DefaultBodyLimit::max(3 * MOST_BYTES))
}

async fn import(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(course): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let read = read_form(Request::from_parts(parts.clone(), body), &state).await;
    let draft = match answer(&ctx, &course, read).await {
        Ok(response) => return response,
        Err(draft) => *draft,
    };
    let mut page = Request::from_parts(parts, Body::empty());
    *page.method_mut() = Method::GET;
    page.extensions_mut().insert(draft);
    let options = state.leptos.clone();
    leptos_axum::render_app_async_with_context(
        move || provide_context(state.clone()),
        move || crate::shell::document(options.clone()),
    )(page)
    .await
}

/// Where to go on, or the form to show again.
async fn answer(ctx: &Ctx, course: &str, read: AppResult<Form>) -> Result<Response, Box<Draft>> {
    let refused = |text: String, error: AppError| {
        Box::new(Draft {
            text,
            preview: None,
            error: Some(error),
        })
    };
    let form = read.map_err(|error| refused(String::new(), error))?;
    let id = api::id(course).map_err(|error| refused(String::new(), error))?;
    if !form.confirmed {
        return Err(Box::new(service::import_draft(ctx, id, form.text, None).await));
    }
    match service::import(ctx, id, &form.text).await {
        Ok(enrolled) => {
            let target = format!("/courses/{id}/people?imported={}", enrolled.joined);
            let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response();
            let value = cookie::header(&enrolled.batch.to_text(), 600, api::is_secure(ctx));
            if let (false, Ok(value)) = (enrolled.accounts.is_empty(), HeaderValue::from_str(&value)) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(response)
        }
        Err(error) => Err(Box::new(service::import_draft(ctx, id, form.text, Some(error)).await)),
    }
}

#[derive(Default)]
struct Form {
    text: String,
    confirmed: bool,
}

/// A chosen file wins over pasted text.
async fn read_form(request: Request, state: &AppState) -> AppResult<Form> {
    let damaged = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            AppError::new(ErrorKind::TooLarge, "The table is larger than 1 MB. Send it in parts.")
        }
        _ => AppError::invalid("The form was incomplete or damaged. Please send it again."),
    };
    let mut fields = Multipart::from_request(request, state)
        .await
        .map_err(|_| AppError::invalid("The form was incomplete or damaged. Please send it again."))?;
    let (mut form, mut file) = (Form::default(), None);
    while let Some(field) = fields.next_field().await.map_err(damaged)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(damaged)?;
        match name.as_str() {
            "text" => form.text = decode("text", &bytes)?,
            "file" if !bytes.is_empty() => file = Some(decode("file", &bytes)?),
            "confirm" => form.confirmed = true,
            _ => {}
        }
    }
    form.text = file.unwrap_or(form.text);
    if form.text.trim().is_empty() {
        return Err(AppError::field("text", "Choose a file or paste a table."));
    }
    Ok(form)
}

fn decode(field: &str, bytes: &[u8]) -> AppResult<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| {
        AppError::field(
            field,
            "The file is not UTF-8 text. In your spreadsheet, export it as “CSV UTF-8” and try again.",
        )
    })
}
