// Sends the authorization response on; without scripts the page's button does it.
document.getElementById("form-post").submit();
