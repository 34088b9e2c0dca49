// Says at once that a number cannot be a receipt (Luhn), and moves the focus to what was done.

const field = document.querySelector("[data-receipt-field]");
if (field) {
  const told = Object.assign(document.createElement("p"), { className: "wrong", id: "receipt-told" });
  told.setAttribute("role", "alert");
  field.before(told);
  const digits = () => field.value.replace(/[Oo]/g, "0").replace(/[IiLl|]/g, "1").replace(/\D/g, "");
  const right = (number) => number.length === 16 && [...number].reverse().reduce((sum, digit, at) => {
    const doubled = at % 2 ? digit * 2 : Number(digit);
    return sum + (doubled > 9 ? doubled - 9 : doubled);
  }, 0) % 10 === 0;
  field.addEventListener("input", () => { if (told.textContent && right(digits())) told.textContent = ""; });
  field.form.addEventListener("submit", (event) => {
    if (!field.value.trim() || right(digits())) return;
    event.preventDefault();
    delete field.form.dataset.sending;
    told.textContent = field.dataset.receiptField;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  });
}
document.querySelector("[data-done]")?.focus();
