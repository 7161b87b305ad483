// Threads of the addon's own, for kernels that XLA calls on one thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

// As many as TensorFlow was told to use within an operation; the caller of `run` is one of them. The others sleep between two runs and
// end with the process.
class Team {
 public:
  static Team& all() {
    static Team* team = new Team();  // never destroyed: its threads may outlive static objects
    return *team;
  }

  // work(0) … work(n − 1), each once, in any order. What another run keeps busy is not waited for.
  template <typename F>
  void run(int n, F work) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    Job job{n, &work, [](void* f, int i) { (*static_cast<F*>(f))(i); }};
    if (size_ < 2 || n < 2 || !turn.owns_lock()) return job.takePart();
    start();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
    }
    wake_.notify_all();
    job.takePart();
    std::unique_lock<std::mutex> lock(mutex_);
    job_ = nullptr;
    left_.wait(lock, [&] { return helping_ == 0; });
  }

 private:
  struct Job {
    int n;
    void* work;
    void (*call)(void*, int);
    std::atomic<int> next{0};

    Job(int n, void* work, void (*call)(void*, int)) : n(n), work(work), call(call) {}
    void takePart() {
      for (int i; (i = next.fetch_add(1)) < n;) call(work, i);
    }
  };

  Team() {
    const char* told = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int threads = told != nullptr ? std::atoi(told) : 0;
    size_ = threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  }

  void start() {
    if (started_) return;
    started_ = true;
    for (int i = 1; i < size_; i++) std::thread([this] { help(); }).detach();
  }

  [[noreturn]] void help() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return job_ != nullptr && job_->next.load() < job_->n; });
      Job* const job = job_;
      helping_++;
      lock.unlock();
      job->takePart();
      lock.lock();
      if (--helping_ == 0) left_.notify_one();
    }
  }

  int size_;
  bool started_ = false;
  std::mutex turn_;   // of the run that has the threads
  std::mutex mutex_;  // of job_ and helping_
  std::condition_variable wake_, left_;
  Job* job_ = nullptr;
  int helping_ = 0;
};
