// Which questions are shown: all, or those that some method answers wrong.
'use strict';
(() => {
  const choice = document.getElementById('answers-filter');
  if (!choice) return;
  const questions = all('.qa');
  choice.addEventListener('change', () => {
    let shown = 0;
    for (const question of questions) {
      const wrong = question.dataset.wrong.split(' ').filter((method) => method);
      const fits = !choice.value ||
          (choice.value === 'any' ? wrong.length > 0 : wrong.includes(choice.value));
      question.hidden = !fits;
      if (fits) ++shown;
    }
    document.getElementById('answers-shown').textContent =
        shown === questions.length ? '' : shown + ' of ' + questions.length + ' questions';
  });
})();
