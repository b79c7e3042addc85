"""What lies on a map: folium's elements with their scripts, and the data they show."""
