//! The frame of the description: what the API is, how to sign in, and what goes wrong everywhere alike.

use app::platform::http::Problem;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

const WORDS: &str = "Everything in the main job, for programs. Sign in with a bearer token made in the profile; its scopes say what it may do: \
`read` looks, `write` changes, `admin` is needed besides for administration. Points are whole hundredths (250 is 2.5 points), instants are \
microseconds since 1970 in UTC. Lists are paged with `after` and `limit`. A POST with an `Idempotency-Key` that is sent again is done once. \
Errors are problem+json (RFC 9457).";

/// The description without any route.
pub fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Auto-Grader")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(WORDS))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
        .build();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token made in the profile."))
        .build();
    let session = ApiKey::Cookie(ApiKeyValue::with_description(
        "session",
        "Somebody signed in with a browser.",
    ));
    let components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("session", SecurityScheme::ApiKey(session))
        .schema("FieldError", app::error::FieldError::schema())
        // Only named by a parameter, which does not bring it along.
        .schema("Kind", app::admin::model::Kind::schema())
        .schema(Problem::name(), Problem::schema())
        .response(
            "Problem",
            ResponseBuilder::new()
                .description("What went wrong, in words.")
                .content(
                    "application/problem+json",
                    ContentBuilder::new()
                        .schema(Some(Ref::from_schema_name(Problem::name())))
                        .build(),
                )
                .build(),
        )
        .build();
    let signed_in = ["bearer", "session"].map(|name| SecurityRequirement::new(name, Vec::<String>::new()));
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some(signed_in))
        .build()
}

/// Adds to every route the errors it shares with all others, and a name that says what it does.
pub fn finish(description: &mut OpenApi) {
    for item in description.paths.paths.values_mut() {
        let all = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in all.into_iter().flatten() {
            let noun = operation
                .tags
                .as_ref()
                .and_then(|tags| tags.first())
                .map_or_else(String::new, |tag| tag.to_lowercase());
            operation.operation_id = operation.operation_id.take().map(|name| format!("{noun}_{name}"));
            let problem = RefOr::Ref(Ref::from_response_name("Problem"));
            operation
                .responses
                .responses
                .entry("4XX".into())
                .or_insert_with(|| problem.clone());
            operation.responses.responses.entry("5XX".into()).or_insert(problem);
        }
    }
}
