// A shared object that knows nothing of Pressroom.
extern "C" int answer() { return 42; }
