use super::*;

fn request(answer: &str) -> GradeRequest {
    GradeRequest {
        question: "What is left in the dish?".into(),
        references: vec!["The salt stays behind in the dish".into()],
        answer: answer.into(),
        max_points_hundredths: 200,
        step_hundredths: 50,
        ..GradeRequest::default()
    }
}

fn many(count: usize) -> Vec<GradeRequest> {
    (0..count)
        .map(|n| request(&format!("salt number {n} stays, I think")))
        .collect()
}

#[tokio::test]
async fn grades_come_in_the_order_of_the_requests() {
    let grader = Grader::start_fake();
    let mut requests = many(100);
    requests[57] = request("The salt stays behind in the dish");
    let grades = grader.grade_many(requests.clone()).await.expect("grades");
    assert_eq!(grades.len(), 100);
    assert_eq!(grades[57].score_hundredths, 200);
    for (grade, request) in grades.iter().zip(&requests) {
        assert_eq!(grade.input_hash, request.input_hash());
    }
    assert!(grader.grade_many(Vec::new()).await.expect("nothing").is_empty());
    assert_eq!(grader.queue_len(), 0);
    let stats = grader.stats();
    assert_eq!(stats.graded, 100);
    assert_eq!(stats.stages.encode.count, stats.batches);
    assert!(stats.stages.wait.count >= 13, "a call of 100 has 13 pieces");
}

#[tokio::test]
async fn batched_equals_single() {
    let grader = Grader::start_fake();
    let requests = many(40);
    let together = grader.grade_many(requests.clone()).await.expect("grades");
    for (request, expected) in requests.into_iter().zip(together) {
        let alone = grader.grade_many(vec![request]).await.expect("grades");
        assert_eq!(alone, [expected]);
    }
}

#[tokio::test]
async fn too_much_work_is_refused_at_once() {
    let factory = EngineFactory::fake();
    let config = GraderConfig {
        workers: 1,
        max_in_flight: 50,
        ..GraderConfig::default()
    };
    let grader = Grader::start_with(config, factory).expect("starts");
    let first = grader.grade_many(many(1000));
    let mut first = Box::pin(first);
    // Polled once, the first call stands in the queue.
    let waiting = std::future::poll_fn(|context| std::task::Poll::Ready(first.as_mut().poll(context).is_pending()));
    if waiting.await {
        let error = grader.grade_many(many(10)).await.expect_err("refused");
        assert!(matches!(error, GradingError::Busy { limit: 50, .. }) && error.is_temporary());
        assert_eq!(grader.stats().refused, 10);
    }
    assert_eq!(first.await.expect("grades").len(), 1000);
    assert!(grader.grade_many(many(10)).await.is_ok());
}

#[tokio::test]
async fn work_nobody_waits_for_is_dropped() {
    let grader = Grader::start_fake();
    let call = grader.clone();
    let task = tokio::spawn(async move { call.grade_many(many(5000)).await });
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    task.abort();
    let _ = task.await;
    assert!(grader.grade_many(many(1)).await.is_ok());
    assert_eq!(grader.queue_len(), 0);
    let stats = grader.stats();
    assert_eq!(stats.graded + stats.cancelled, 5001);
}

#[tokio::test]
async fn a_panic_harms_only_the_answer_that_caused_it() {
    let grader = Grader::start_fake();
    let mut bad = many(3);
    bad[1].answer = crate::backend::PANIC_WORD.into();
    let good = grader.grade_many(many(40));
    let bad = grader.grade_many(bad);
    let (good, bad) = tokio::join!(good, bad);
    assert_eq!(good.expect("unharmed").len(), 40);
    assert!(matches!(bad, Err(GradingError::Crashed(_))));
    let health = grader.health();
    assert!(health.ready && health.restarts > 0 && health.last_error.is_some());
    assert!(grader.grade_many(many(5)).await.is_ok());
}

#[tokio::test]
async fn wrong_requests_are_refused_with_a_reason() {
    let grader = Grader::start_fake();
    let long = request(&"x".repeat(300 * 1024));
    let error = grader.grade_many(vec![long]).await.expect_err("too long");
    assert!(error.to_string().contains("limit"), "{error}");
    let negative = GradeRequest {
        max_points_hundredths: -1,
        ..request("x")
    };
    assert!(matches!(
        grader.grade_many(vec![negative]).await,
        Err(GradingError::Invalid(_))
    ));
}

#[tokio::test]
async fn the_last_handle_stops_the_threads() {
    let grader = Grader::start_fake();
    assert!(grader.self_test().await.is_ok());
    let queue = Arc::clone(&grader.inner.queue);
    drop(grader);
    for _ in 0..200 {
        if queue.workers_alive() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("a worker is still alive");
}

#[test]
fn a_missing_model_is_explained() {
    let config = GraderConfig {
        model_dir: "/nowhere".into(),
        ..GraderConfig::default()
    };
    let error = Grader::start(config).err().expect("no model there");
    assert!(error.to_string().contains("fetch-model.sh"), "{error}");
}
